/** How wide an aperture is: so wide that each endpoint in it has about as many exchanges as it should. */
import type { Load } from "linkspan/plugin";

export interface LoadBandOptions {
  /** The time in which an old load loses all but 1/e of its weight. */
  readonly smoothWindowMs: number;
  /** With so many exchanges for each endpoint, or fewer, it narrows by one. */
  readonly lowLoad: number;
  /** With so many, or more, it widens by one. */
  readonly highLoad: number;
}

/** Moves by one step at most with each start and each end of an exchange, as Finagle's `LoadBand`. */
export class LoadBand {
  readonly #options: LoadBandOptions;
  #narrowest = 0;
  #widest = 0;
  #outstanding = 0;
  #average: number | undefined;
  #averagedAt = 0;
  width = 0;

  constructor(options: LoadBandOptions) {
    this.#options = options;
  }

  /** The set has changed: so many exchanges are on it, and so wide it may be at most and at least. */
  fit(outstanding: number, narrowest: number, widest: number): void {
    this.#outstanding = outstanding;
    this.#narrowest = narrowest;
    this.#widest = widest;
    this.width = Math.min(widest, Math.max(narrowest, this.width));
  }

  started(now: number): void {
    this.#outstanding++;
    this.#adjust(now);
  }

  ended(now: number): void {
    this.#outstanding--;
    this.#adjust(now);
  }

  #adjust(now: number): void {
    const { smoothWindowMs, lowLoad, highLoad } = this.#options;
    const kept = this.#average === undefined ? 0 : Math.exp(-Math.max(0, now - this.#averagedAt) / smoothWindowMs);
    this.#average = this.#outstanding * (1 - kept) + (this.#average ?? 0) * kept;
    this.#averagedAt = now;
    const each = this.#average / this.width;
    if (each >= highLoad && this.width < this.#widest) this.width++;
    else if (each <= lowLoad && this.width > this.#narrowest) this.width--;
  }
}

/** The number of exchanges of an endpoint, which is told to the band that the endpoint is in. */
export class BandLoad implements Load {
  /** None while the endpoint is in no aperture, as when it has left. */
  band: LoadBand | undefined;
  outstanding = 0;
  /** When the last of them ended. */
  endedAt = -Infinity;

  started(now: number): void {
    this.outstanding++;
    this.band?.started(now);
  }

  ended(now: number): void {
    this.outstanding--;
    this.endedAt = now;
    this.band?.ended(now);
  }

  cost(): number {
    return this.outstanding;
  }
}
