/** How many questions about names are answered at a time: each may make registries be asked. */

const MOST = 16;

export class Questions {
  #open = 0;

  /** What `answer` resolves with; `undefined` at once where too many are answered already. */
  async ask<T>(answer: () => Promise<T>): Promise<T | undefined> {
    if (this.#open >= MOST) return undefined;
    this.#open++;
    try {
      return await answer();
    } finally {
      this.#open--;
    }
  }
}
