/** A bounded cache of things that are opened and closed: used ones stay, idle ones go by age and for room. */
import type { Clock } from "./time.ts";

export interface CacheOptions<K, V> {
  readonly capacity: number;
  /** How long an entry stays after its last use. */
  readonly idleTtlMs: number;
  readonly clock: Clock;
  /** Makes the value of a key that is missing. Synchronous, so two misses cannot open the same thing twice. */
  readonly open: (key: K) => V;
  /** Called once for every value: at eviction, expiry, `delete`, the last release of a one-shot, or disposal. */
  readonly close: (value: V) => void;
}

/** One value in use, or kept for the next use. `acquire` counted a use of it; give that back with `release`. */
export interface CacheEntry<V> {
  readonly value: V;
  /** Not kept, because everything in the cache was in use: closed when it is released. */
  readonly isOneShot: boolean;
}

/** Monotonic counts since the cache was made. */
export interface CacheCounts {
  misses: number;
  evicts: number;
  expires: number;
  oneshots: number;
}

class Entry<K, V> implements CacheEntry<V> {
  readonly key: K;
  readonly value: V;
  readonly isOneShot: boolean;
  uses = 0;
  idleSince = 0;
  isDropped = false;
  constructor(key: K, value: V, isOneShot: boolean) {
    this.key = key;
    this.value = value;
    this.isOneShot = isOneShot;
  }
}

export class Cache<K, V> implements Disposable {
  readonly counts: CacheCounts = { misses: 0, evicts: 0, expires: 0, oneshots: 0 };
  readonly #options: CacheOptions<K, V>;
  readonly #entries = new Map<K, Entry<K, V>>();
  #sweep: Disposable | undefined;
  #closed = false;

  constructor(options: CacheOptions<K, V>) {
    this.#options = options;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** The entry of `key`, made if it is missing. It stays until the same number of `release`. */
  acquire(key: K): CacheEntry<V> {
    const entry = this.#entries.get(key);
    if (entry === undefined) return this.#miss(key);
    entry.uses++;
    return entry;
  }

  /** `now` saves a look at the clock that the caller has had. */
  release(given: CacheEntry<V>, now?: number): void {
    const entry = given as Entry<K, V>;
    if (entry.uses === 0) throw new Error("released more often than acquired");
    if (--entry.uses > 0) return;
    entry.idleSince = now ?? this.#options.clock.now();
    if (entry.isDropped) this.#options.close(entry.value);
  }

  /** Does not count as a use. */
  peek(key: K): V | undefined {
    return this.#entries.get(key)?.value;
  }

  /** In the order in which they were made. */
  *values(): IterableIterator<V> {
    for (const entry of this.#entries.values()) yield entry.value;
  }

  /** Forgets a key: the value is closed now, or when its last user releases it. */
  delete(key: K): boolean {
    const entry = this.#entries.get(key);
    if (entry) this.#drop(entry);
    return entry !== undefined;
  }

  /** Closes every idle value now, and those in use when they are released. Afterwards all are one-shots. */
  [Symbol.dispose](): void {
    this.#closed = true;
    this.#sweep?.[Symbol.dispose]();
    for (const entry of this.#entries.values()) this.#drop(entry);
  }

  #miss(key: K): CacheEntry<V> {
    this.counts.misses++;
    const hasRoom = !this.#closed && (this.#entries.size < this.#options.capacity || this.#evict());
    const entry = new Entry(key, this.#options.open(key), !hasRoom);
    entry.uses = 1;
    if (!hasRoom) {
      this.counts.oneshots++;
      entry.isDropped = true;
      return entry;
    }
    this.#entries.set(key, entry);
    this.#sweep ??= this.#options.clock.timer(this.#options.idleTtlMs, () => this.#expire());
    return entry;
  }

  /** Makes room by the entry that is idle the longest. */
  #evict(): boolean {
    let oldest: Entry<K, V> | undefined;
    for (const entry of this.#entries.values()) {
      if (entry.uses === 0 && (!oldest || entry.idleSince < oldest.idleSince)) oldest = entry;
    }
    if (!oldest) return false;
    this.counts.evicts++;
    this.#drop(oldest);
    return true;
  }

  #expire(): void {
    const { clock, idleTtlMs } = this.#options;
    const limit = clock.now() - idleTtlMs;
    this.#sweep = undefined;
    for (const entry of this.#entries.values()) {
      if (entry.uses > 0 || entry.idleSince > limit) continue;
      this.counts.expires++;
      this.#drop(entry);
    }
    if (this.#entries.size > 0 && !this.#closed) this.#sweep = clock.timer(idleTtlMs, () => this.#expire());
  }

  #drop(entry: Entry<K, V>): void {
    this.#entries.delete(entry.key);
    entry.isDropped = true;
    if (entry.uses === 0) this.#options.close(entry.value);
  }
}
