/** Streams that are not in use, to be used again by any connection: a bounded free list. */

export class StreamPool<S> {
  readonly #free: S[] = [];
  readonly #make: () => S;
  readonly #capacity: number;

  constructor(make: () => S, capacity = 1024) {
    this.#make = make;
    this.#capacity = capacity;
  }

  take(): S {
    return this.#free.pop() ?? this.#make();
  }

  /** Nobody on the stack may look at it any more. */
  give(stream: S): void {
    if (this.#free.length < this.#capacity) this.#free.push(stream);
  }
}
