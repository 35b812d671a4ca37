/** An exponential moving average over uneven steps of time. */
export class MovingShare {
  readonly #window: number;
  #share = 0;
  /** Undefined before the first value. */
  #at: number | undefined;

  constructor(window: number) {
    this.#window = window;
  }

  /** The first value is taken as it is; later ones weigh more the longer ago the last one was. */
  add(at: number, value: number): number {
    const kept = this.#at === undefined ? 0 : Math.exp(-(at - this.#at) / this.#window);
    this.#share = value * (1 - kept) + this.#share * kept;
    this.#at = at;
    return this.#share;
  }

  clear(): void {
    this.#at = undefined;
  }
}
