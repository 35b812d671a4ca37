/** Things by a key of which nearly all have one: only those that have more keep a set for it. */
export class ByKey<T extends object> {
  readonly #all = new Map<string, T | Several<T>>();

  get size(): number {
    return this.#all.size;
  }

  /** Once, however often it is added. */
  add(key: string, value: T): void {
    const known = this.#all.get(key);
    if (known instanceof Several) known.add(value);
    else if (known === undefined) this.#all.set(key, value);
    else if (known !== value) this.#all.set(key, new Several([known, value]));
  }

  delete(key: string, value: T): void {
    const known = this.#all.get(key);
    const isLast = known instanceof Several ? known.delete(value) && known.size === 0 : known === value;
    if (isLast) this.#all.delete(key);
  }

  has(key: string, value: T): boolean {
    const known = this.#all.get(key);
    return known instanceof Several ? known.has(value) : known !== undefined && known === value;
  }

  /** As they are now, in the order in which they came. */
  of(key: string): readonly T[] {
    const known = this.#all.get(key);
    if (known === undefined) return [];
    return known instanceof Several ? Array.from(known) : [known];
  }

  keys(): MapIterator<string> {
    return this.#all.keys();
  }
}

/** A class of its own, so that things that are sets themselves are not taken for this. */
class Several<T> extends Set<T> {}
