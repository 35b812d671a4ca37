/** How is told what may happen to thousands of names at once: the first by its name, then how many there are by now. */
import type { Log, LogFields } from "./log.ts";
import type { Clock } from "./time.ts";

/** What happens after this long is told by its name again. */
const BURST_MS = 60_000;

/** One an event. In a burst the 1st, 10th, 100th ... are told at `level`, and every one in whispers. */
export class BurstLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #level: "warn" | "info";
  readonly #event: string;
  #since = -Infinity;
  #count = 0;
  #next = 1;

  constructor(log: Log, clock: Clock, level: "warn" | "info", event: string) {
    this.#log = log;
    this.#clock = clock;
    this.#level = level;
    this.#event = event;
  }

  happened(fields: LogFields): void {
    const now = this.#clock.now();
    if (now - this.#since >= BURST_MS) {
      this.#since = now;
      this.#count = 0;
      this.#next = 1;
    }
    if (++this.#count < this.#next) return this.#log.debug(this.#event, fields);
    const names = this.#count === 1 ? {} : { names: this.#count };
    this.#next *= 10;
    this.#log[this.#level](this.#event, { ...fields, ...names });
  }
}
