/** The streams of one connection by their numbers, which only grow: found without hashing, where few are open at a time. */

const LEAST_SLOTS = 16;
/** More streams than this, or one that outlives so many others, are found by a map. */
const MOST_SLOTS = 1024;

/** A stream keeps its number while the table has it. */
export class StreamTable<S extends { readonly id: number }> {
  /** Of a power of two; a stream's place is told by the low bits of half its number. */
  #slots: (S | undefined)[] = emptySlots(LEAST_SLOTS);
  /** Those whose place was taken. */
  readonly #others = new Map<number, S>();
  #size = 0;

  get size(): number {
    return this.#size;
  }

  get(id: number): S | undefined {
    const stream = this.#slots[(id >>> 1) & (this.#slots.length - 1)];
    if (stream !== undefined && stream.id === id) return stream;
    return this.#others.size === 0 ? undefined : this.#others.get(id);
  }

  /** Of a number that it does not have. */
  add(stream: S): void {
    if (this.#size * 2 >= this.#slots.length && this.#slots.length < MOST_SLOTS) this.#grow();
    this.#size++;
    this.#put(stream);
  }

  delete(id: number): void {
    const slots = this.#slots;
    const place = (id >>> 1) & (slots.length - 1);
    if (slots[place]?.id === id) slots[place] = undefined;
    else if (!this.#others.delete(id)) return;
    this.#size--;
  }

  clear(): void {
    this.#slots = emptySlots(LEAST_SLOTS);
    this.#others.clear();
    this.#size = 0;
  }

  /** The oldest first, without those that were deleted meanwhile. */
  *values(): Generator<S, void> {
    const present = this.#slots.filter((stream) => stream !== undefined);
    const ids = [...present.map(({ id }) => id), ...this.#others.keys()].sort((a, b) => a - b);
    for (const id of ids) {
      const stream = this.get(id);
      if (stream !== undefined) yield stream;
    }
  }

  #put(stream: S): void {
    const place = (stream.id >>> 1) & (this.#slots.length - 1);
    if (this.#slots[place] === undefined) this.#slots[place] = stream;
    else this.#others.set(stream.id, stream);
  }

  #grow(): void {
    const present = [...this.values()];
    this.#slots = emptySlots(this.#slots.length * 2);
    this.#others.clear();
    for (const stream of present) this.#put(stream);
  }
}

function emptySlots<S>(length: number): (S | undefined)[] {
  return Array.from({ length }, () => undefined);
}
