/** A map that takes next to no room while nobody looks at it: its entries are made of something smaller whenever somebody does. */

/**
 * What it says never changes, but its values are other objects each time that they are made. They stay as they are for as
 * long as the turn lasts in which they were looked at, and after that until the next collection of garbage.
 */
export abstract class RemadeMap<K, V> implements ReadonlyMap<K, V> {
  #last: WeakRef<ReadonlyMap<K, V>> | undefined;

  /** `made`: where they were made just now. */
  constructor(made?: ReadonlyMap<K, V>) {
    if (made !== undefined) this.#last = new WeakRef(made);
  }

  /** Gives the same entries each time. */
  protected abstract make(): ReadonlyMap<K, V>;

  get size(): number {
    return this.#made.size;
  }

  get(key: K): V | undefined {
    return this.#made.get(key);
  }

  has(key: K): boolean {
    return this.#made.has(key);
  }

  forEach(each: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.#made) each(value, key, this);
  }

  entries(): MapIterator<[K, V]> {
    return this.#made.entries();
  }

  keys(): MapIterator<K> {
    return this.#made.keys();
  }

  values(): MapIterator<V> {
    return this.#made.values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  get #made(): ReadonlyMap<K, V> {
    const known = this.#last?.deref();
    if (known !== undefined) return known;
    const made = this.make();
    this.#last = new WeakRef(made);
    return made;
  }
}
