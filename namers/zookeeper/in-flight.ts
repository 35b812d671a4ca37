/** A bound on how many reads are on their way at once. */

/** First in, first out; leaving it costs the same however many wait. */
class Lane {
  #waiting: (() => void)[] = [];
  #head = 0;

  push(go: () => void): void {
    this.#waiting.push(go);
  }

  shift(): (() => void) | undefined {
    const first = this.#waiting[this.#head];
    if (!first) return undefined;
    this.#head++;
    if (this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return first;
  }
}

export class InFlight {
  readonly #limit: number;
  readonly #urgent = new Lane();
  readonly #others = new Lane();
  #running = 0;

  constructor(limit: number) {
    this.#limit = limit;
  }

  /** Runs `work` when there is room; first come, first served, and what is urgent before what is not. */
  async run<T>(work: () => Promise<T>, isUrgent = false): Promise<T> {
    if (this.#running >= this.#limit)
      await new Promise<void>((go) => (isUrgent ? this.#urgent : this.#others).push(go));
    else this.#running++;
    try {
      return await work();
    } finally {
      // The place goes straight to the next one, so that nobody who comes now overtakes it.
      const next = this.#urgent.shift() ?? this.#others.shift();
      if (next) next();
      else this.#running--;
    }
  }
}
