/** The last good answers of one sort, by name: each with the time until which it was confirmed. */

/** How what is remembered is written down. */
export interface ShelfCodec<T> {
  encode(value: T): string;
  /** Throws when `text` is nothing that `encode` made. */
  decode(text: string): T;
  equals(a: T, b: T): boolean;
}

/** What was known, and when it was last confirmed, in epoch ms. */
export interface Recalled<T> {
  readonly value: T;
  readonly at: number;
}

interface Entry<T> {
  /** Let go once it is written down and not watched any more. */
  value: T | undefined;
  /** What `encode` made of it, kept of what is not watched once somebody asked. */
  text: string | undefined;
  /** `undefined` while a watch confirms it. */
  at: number | undefined;
}

/** One entry as it is written down. `at` is `undefined` for what a watch confirms at this moment. */
export interface ShelfLine {
  readonly key: string;
  readonly at: number | undefined;
  readonly text: string;
}

export class Shelf<T> {
  readonly #codec: ShelfCodec<T>;
  readonly #changed: (key: string) => void;
  readonly #entries = new Map<string, Entry<T>>();

  /** `changed` hears of every change that a written copy would not have. */
  constructor(codec: ShelfCodec<T>, changed: (key: string) => void) {
    this.#codec = codec;
    this.#changed = changed;
  }

  get size(): number {
    return this.#entries.size;
  }

  /** A watch has this answer, and confirms it from now on until `date` says otherwise. */
  remember(key: string, value: T): void {
    const known = this.#entries.get(key);
    const isSame = known?.value !== undefined && this.#codec.equals(known.value, value);
    if (isSame && known.at === undefined) return;
    this.#entries.set(key, { value, text: undefined, at: undefined });
    this.#changed(key);
  }

  /** Nobody confirms it any more; it was confirmed until `at`. What was dated before keeps its date. */
  date(key: string, at: number): void {
    const entry = this.#entries.get(key);
    if (entry === undefined || entry.at !== undefined) return;
    entry.at = at;
    this.#changed(key);
  }

  /** The source says that this is not so any more. */
  forget(key: string): void {
    if (this.#entries.delete(key)) this.#changed(key);
  }

  /** `now` is the date of what is confirmed at this moment. What cannot be read back was never known. */
  recall(key: string, now: number): Recalled<T> | undefined {
    const entry = this.#entries.get(key);
    if (entry === undefined) return undefined;
    try {
      const value = entry.value ?? this.#codec.decode(entry.text ?? "");
      return { value, at: Math.min(entry.at ?? now, now) };
    } catch {
      this.#entries.delete(key);
      return undefined;
    }
  }

  /** Of an earlier process: it is not decoded before it is needed. */
  load(key: string, at: number, text: string): void {
    this.#entries.set(key, { value: undefined, text, at });
  }

  /** What an earlier process had loaded, and then forgot. */
  unload(key: string): void {
    this.#entries.delete(key);
  }

  /** Lets go of what was last confirmed before `oldest`, and beyond `most` of the unwatched of what comes first. */
  prune(oldest: number, most: number): void {
    let unwatched = 0;
    for (const [key, { at }] of this.#entries) {
      if (at === undefined) continue;
      if (at < oldest) this.forget(key);
      else unwatched++;
    }
    for (const [key, { at }] of this.#entries) {
      if (unwatched <= most) return;
      if (at === undefined) continue;
      this.forget(key);
      unwatched--;
    }
  }

  /** What is watched, or what is not. Entries may come and go between two steps. */
  *lines(isWatched: boolean): Generator<ShelfLine> {
    for (const [key, entry] of this.#entries) {
      if ((entry.at === undefined) === isWatched) yield this.#lineOf(key, entry);
    }
  }

  /** `undefined` of what is forgotten. */
  line(key: string): ShelfLine | undefined {
    const entry = this.#entries.get(key);
    return entry && this.#lineOf(key, entry);
  }

  #lineOf(key: string, entry: Entry<T>): ShelfLine {
    const text = entry.text ?? this.#codec.encode(entry.value as T);
    // The value of what is watched is there in any case, and its text would take more room than that.
    if (entry.at !== undefined) {
      entry.text = text;
      entry.value = undefined;
    }
    return { key, at: entry.at, text };
  }
}
