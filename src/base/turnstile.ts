/** A bounded number of things at a time, and a bounded line for the rest. */

export class Turnstile {
  readonly #atOnce: number;
  readonly #capacity: number;
  readonly #line: (() => void)[] = [];
  #inside = 0;

  constructor(atOnce: number, capacity: number) {
    this.#atOnce = atOnce;
    this.#capacity = capacity;
  }

  /** Runs `work` in its turn; rejects with the code EBUSY when the line is full. */
  async pass<T>(work: () => Promise<T>): Promise<T> {
    if (this.#inside >= this.#atOnce) await this.#wait();
    else this.#inside++;
    try {
      return await work();
    } finally {
      const next = this.#line.shift();
      // Who is next takes the place over, so nobody can slip in between.
      if (next) next();
      else this.#inside--;
    }
  }

  #wait(): Promise<void> {
    if (this.#line.length >= this.#capacity) {
      return Promise.reject(Object.assign(new Error("too many are waiting"), { code: "EBUSY" }));
    }
    return new Promise((resolve) => this.#line.push(resolve));
  }
}
