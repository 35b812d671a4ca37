/** A number of places, of which each may be taken once at a time. */

export class Slots {
  #free: number;

  constructor(count: number) {
    this.#free = count;
  }

  /** A place until it is disposed; undefined when all are taken. */
  take(): Disposable | undefined {
    if (this.#free === 0) return undefined;
    this.#free--;
    let isTaken = true;
    return {
      [Symbol.dispose]: () => {
        if (isTaken) this.#free++;
        isTaken = false;
      },
    };
  }
}
