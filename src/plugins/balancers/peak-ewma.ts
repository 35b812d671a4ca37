/** Load as a moving average of latency that rises at once and falls slowly, times what is outstanding. */
import type { Load } from "linkspan/plugin";

/** What an endpoint costs that was asked and never yet answered: 2^47 - 1 ns, in ms. */
const UNKNOWN_MS = (2 ** 47 - 1) / 1e6;

export interface PeakEwmaOptions {
  /** The time in which an old peak loses all but 1/e of its weight. */
  readonly decayTimeMs: number;
  /** A failed attempt counts as if it had taken this long at least: else fast failures attract. */
  readonly failurePenaltyMs: number;
}

/** Finagle's `Metric` of its peak EWMA: reading the load lets it decay. */
export class PeakEwma implements Load {
  readonly #options: PeakEwmaOptions;
  #stamp: number;
  #outstanding = 0;
  #costMs = 0;

  constructor(options: PeakEwmaOptions, now: number) {
    this.#options = options;
    this.#stamp = now;
  }

  started(): void {
    this.#outstanding++;
  }

  ended(now: number, startedAt: number, success: boolean): void {
    this.#outstanding--;
    const tookMs = Math.max(now - startedAt, 0);
    this.#observe(now, success ? tookMs : Math.max(tookMs, this.#options.failurePenaltyMs));
  }

  cost(now: number): number {
    this.#observe(now, 0);
    if (this.#costMs === 0 && this.#outstanding !== 0) return UNKNOWN_MS + this.#outstanding;
    return this.#costMs * (this.#outstanding + 1);
  }

  #observe(now: number, tookMs: number): void {
    if (tookMs > this.#costMs) {
      this.#costMs = tookMs;
    } else {
      const kept = Math.exp(-Math.max(now - this.#stamp, 0) / this.#options.decayTimeMs);
      this.#costMs = this.#costMs * kept + tookMs * (1 - kept);
    }
    this.#stamp = now;
  }
}
