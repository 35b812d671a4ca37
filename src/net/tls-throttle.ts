/** Lets a line of the log through at most once in a while for each cause, and counts what it keeps back. */
import type { Clock } from "../base/time.ts";

const MAX_CAUSES = 64;

interface Said {
  at: number;
  unsaid: number;
}

export class Throttle {
  readonly #clock: Clock;
  readonly #everyMs: number;
  /** The one that was said longest ago first. */
  readonly #causes = new Map<string, Said>();

  constructor(clock: Clock, everyMs: number) {
    this.#clock = clock;
    this.#everyMs = everyMs;
  }

  /** How many of this cause were kept back since the last that was let through, or -1 to keep this one back. */
  admit(cause: string): number {
    const now = this.#clock.now();
    const said = this.#causes.get(cause);
    if (said && now - said.at < this.#everyMs) {
      said.unsaid++;
      return -1;
    }
    this.#causes.delete(cause);
    const oldest = this.#causes.keys().next();
    if (this.#causes.size >= MAX_CAUSES && !oldest.done) this.#causes.delete(oldest.value);
    this.#causes.set(cause, { at: now, unsaid: 0 });
    return said?.unsaid ?? 0;
  }
}
