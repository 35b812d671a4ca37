/** How an outage is told: its first failure as a warning, the rest in whispers, its end once. */
import type { Log, LogFields } from "./log.ts";
import type { Clock } from "./time.ts";

/** `noun.past` of the two ends, such as `namer.stale` and `namer.recovered`. */
export interface OutageEvents {
  readonly failed: string;
  readonly recovered: string;
}

/** One a thing that can be down. Call `failed` for each failure and `succeeded` for each success. */
export class OutageLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #events: OutageEvents;
  #since: number | undefined;
  #failures = 0;

  constructor(log: Log, clock: Clock, events: OutageEvents) {
    this.#log = log;
    this.#clock = clock;
    this.#events = events;
  }

  /** Whether the last that was told is a failure. */
  get isDown(): boolean {
    return this.#since !== undefined;
  }

  failed(cause: Error, fields?: LogFields): void {
    const said = { ...fields, cause: cause.message };
    if (this.#since === undefined) this.#log.warn(this.#events.failed, said);
    else this.#log.debug(this.#events.failed, said);
    this.#since ??= this.#clock.now();
    this.#failures++;
  }

  succeeded(fields?: LogFields): void {
    if (this.#since === undefined) return;
    const downMs = Math.round(this.#clock.now() - this.#since);
    this.#log.info(this.#events.recovered, { ...fields, downMs, failures: this.#failures });
    this.#since = undefined;
    this.#failures = 0;
  }
}
