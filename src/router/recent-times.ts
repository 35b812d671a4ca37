/** How long the last few requests took, and below which time a given share of them stayed. */

const KEPT = 256;
/** Fewer say too little. */
const ENOUGH = 20;
/** The share is looked up anew after so many more. */
const EVERY = 32;

export class RecentTimes {
  readonly #share: number;
  readonly #times = new Float64Array(KEPT);
  #count = 0;
  #value: number | undefined = undefined;

  /** `share` is between 0 and 1: 0.95 for the time that one in twenty exceeds. */
  constructor(share: number) {
    this.#share = share;
  }

  /** In ms; undefined while too few were seen. */
  get value(): number | undefined {
    return this.#value;
  }

  add(ms: number): void {
    this.#times[this.#count % KEPT] = ms;
    this.#count++;
    if (this.#count === ENOUGH || this.#count % EVERY === 0) this.#look();
  }

  #look(): void {
    if (this.#count < ENOUGH) return;
    const sorted = this.#times.slice(0, Math.min(this.#count, KEPT)).sort();
    this.#value = sorted[Math.ceil(this.#share * sorted.length) - 1];
  }
}
