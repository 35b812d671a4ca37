/** A bound on how much is asked of an API server at once: the rest waits for its turn. */

export class Turns {
  readonly #atOnce: number;
  readonly #line = new Set<() => void>();
  #inside = 0;

  constructor(atOnce: number) {
    this.#atOnce = atOnce;
  }

  /** The line has as many places as there are watches. Rejects when the signal aborts first. */
  async pass<T>(work: () => Promise<T>, signal: AbortSignal): Promise<T> {
    if (this.#inside >= this.#atOnce) await this.#wait(signal);
    else this.#inside++;
    try {
      signal.throwIfAborted();
      return await work();
    } finally {
      this.#leave();
    }
  }

  #wait(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    const { promise, resolve, reject } = Promise.withResolvers<void>();
    const gaveUp = (): void => {
      this.#line.delete(next);
      reject(signal.reason as Error);
    };
    const next = (): void => {
      signal.removeEventListener("abort", gaveUp);
      resolve();
    };
    this.#line.add(next);
    signal.addEventListener("abort", gaveUp, { once: true });
    return promise;
  }

  /** Who is next takes the place over. */
  #leave(): void {
    const [next] = this.#line;
    if (!next) return void this.#inside--;
    this.#line.delete(next);
    next();
  }
}
