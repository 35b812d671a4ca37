/** A map that takes next to no room while nobody looks at it: its entries are made of something smaller whenever somebody does. */

/** So many at most have their entries at a time, as one turn may look at tens of thousands. */
const MOST_MADE = 64;

/** Those that have their entries, until the turn is over. */
const looked: RemadeMap<unknown, unknown>[] = [];

/**
 * What it says never changes, but its values are other objects each time that they are made. They stay as they are for
 * the turn in which they were looked at, unless very many are in it. A weak reference would do the same, but what one
 * points to is moved to the old generation, and stays until that is collected.
 */
export abstract class RemadeMap<K, V> implements ReadonlyMap<K, V> {
  #made: ReadonlyMap<K, V> | undefined;

  /** `entries`: where they were made just now. */
  constructor(entries?: ReadonlyMap<K, V>) {
    if (entries !== undefined) this.#keep(entries);
  }

  /** Gives the same entries each time. */
  protected abstract make(): ReadonlyMap<K, V>;

  get size(): number {
    return this.#entries.size;
  }

  get(key: K): V | undefined {
    return this.#entries.get(key);
  }

  has(key: K): boolean {
    return this.#entries.has(key);
  }

  forEach(each: (value: V, key: K, map: ReadonlyMap<K, V>) => void): void {
    for (const [key, value] of this.#entries) each(value, key, this);
  }

  entries(): MapIterator<[K, V]> {
    return this.#entries.entries();
  }

  keys(): MapIterator<K> {
    return this.#entries.keys();
  }

  values(): MapIterator<V> {
    return this.#entries.values();
  }

  [Symbol.iterator](): MapIterator<[K, V]> {
    return this.entries();
  }

  get #entries(): ReadonlyMap<K, V> {
    return this.#made ?? this.#keep(this.make());
  }

  #keep(entries: ReadonlyMap<K, V>): ReadonlyMap<K, V> {
    if (looked.length === 0) queueMicrotask(RemadeMap.#forgetAll);
    else if (looked.length === MOST_MADE) RemadeMap.#forgetAll();
    looked.push(this as RemadeMap<unknown, unknown>);
    return (this.#made = entries);
  }

  static readonly #forgetAll = (): void => {
    for (const map of looked.splice(0)) map.#made = undefined;
  };
}
