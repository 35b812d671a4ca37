/** How an outage is told: its first failure as a warning, the rest in whispers, its end once. */
import type { Log, LogFields } from "./log.ts";
import type { Clock } from "./time.ts";

/** `noun.past` of the two ends, such as `namer.stale` and `namer.recovered`. */
export interface OutageEvents {
  readonly failed: string;
  readonly recovered: string;
}

/**
 * One a thing that can be down. Call `failed` for each failure and `succeeded` for each success. Of what is down again
 * and again one outage is told in `quietMs`; one that lasts longer is told then.
 */
export class OutageLog {
  readonly #log: Log;
  readonly #clock: Clock;
  readonly #events: OutageEvents;
  #since: number | undefined;
  #failures = 0;
  readonly #quietMs: number;
  #toldAt = -Infinity;
  #isTold = false;

  constructor(log: Log, clock: Clock, events: OutageEvents, quietMs = 0) {
    this.#quietMs = quietMs;
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
    const now = this.#clock.now();
    if (!this.#isTold && now - this.#toldAt >= this.#quietMs) {
      this.#isTold = true;
      this.#toldAt = now;
      this.#log.warn(this.#events.failed, said);
    } else this.#log.debug(this.#events.failed, said);
    this.#since ??= now;
    this.#failures++;
  }

  succeeded(fields?: LogFields): void {
    if (this.#since === undefined) return;
    const downMs = Math.round(this.#clock.now() - this.#since);
    const said = { ...fields, downMs, failures: this.#failures };
    if (this.#isTold) this.#log.info(this.#events.recovered, said);
    else this.#log.debug(this.#events.recovered, said);
    this.#isTold = false;
    this.#since = undefined;
    this.#failures = 0;
  }
}
