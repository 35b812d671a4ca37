/** The last good answers of one sort, by name: each with the time until which it was confirmed. */

/** How what is remembered is written down. */
export interface ShelfCodec<T> {
  encode(value: T): string;
  /** Throws when `text` is nothing that `encode` made. */
  decode(text: string): T;
  equals(a: T, b: T): boolean;
  /** What is kept of a value that nobody watches any more, where that is not all of it. */
  alone?(value: T): T;
}

/** What was known, and when it was last confirmed, in epoch ms. */
export interface Recalled<T> {
  readonly value: T;
  readonly at: number;
}

/** What no watch confirms any more. Of what is watched there is the value alone: a registry's names are many of these. */
class Dated<T> {
  /** Let go once it is written down. */
  value: T | undefined;
  /** What `encode` made of it, once somebody asked. */
  text: string | undefined;
  readonly at: number;

  constructor(value: T | undefined, text: string | undefined, at: number) {
    this.value = value;
    this.text = text;
    this.at = at;
  }
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
  readonly #entries = new Map<string, T | Dated<T>>();

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
    if (known !== undefined && !(known instanceof Dated) && this.#codec.equals(known, value)) return;
    this.#entries.set(key, value);
    this.#changed(key);
  }

  /** Nobody confirms it any more; it was confirmed until `at`. What was dated before keeps its date. */
  date(key: string, at: number): void {
    const known = this.#entries.get(key);
    if (known === undefined || known instanceof Dated) return;
    this.#entries.set(key, new Dated(this.#alone(known), undefined, at));
    this.#changed(key);
  }

  /** The source says that this is not so any more. */
  forget(key: string): void {
    if (this.#entries.delete(key)) this.#changed(key);
  }

  /** `now` is the date of what is confirmed at this moment. What cannot be read back was never known. */
  recall(key: string, now: number): Recalled<T> | undefined {
    const known = this.#entries.get(key);
    if (known === undefined) return undefined;
    if (!(known instanceof Dated)) return { value: this.#alone(known), at: now };
    try {
      return { value: known.value ?? this.#codec.decode(known.text ?? ""), at: Math.min(known.at, now) };
    } catch {
      this.#entries.delete(key);
      return undefined;
    }
  }

  /** Of an earlier process: it is not decoded before it is needed. */
  load(key: string, at: number, text: string): void {
    this.#entries.set(key, new Dated<T>(undefined, text, at));
  }

  /** What an earlier process had loaded, and then forgot. */
  unload(key: string): void {
    this.#entries.delete(key);
  }

  /** Lets go of what was last confirmed before `oldest`, and beyond `most` of the unwatched of what comes first. */
  prune(oldest: number, most: number): void {
    let unwatched = 0;
    for (const [key, known] of this.#entries) {
      if (!(known instanceof Dated)) continue;
      if (known.at < oldest) this.forget(key);
      else unwatched++;
    }
    for (const [key, known] of this.#entries) {
      if (unwatched <= most) return;
      if (!(known instanceof Dated)) continue;
      this.forget(key);
      unwatched--;
    }
  }

  /** What is watched, or what is not. Entries may come and go between two steps. */
  *lines(isWatched: boolean): Generator<ShelfLine> {
    for (const [key, known] of this.#entries) {
      if (known instanceof Dated !== isWatched) yield this.#lineOf(key, known);
    }
  }

  /** `undefined` of what is forgotten. */
  line(key: string): ShelfLine | undefined {
    const known = this.#entries.get(key);
    return known === undefined ? undefined : this.#lineOf(key, known);
  }

  #lineOf(key: string, known: T | Dated<T>): ShelfLine {
    // The text of what is watched would take more room than the value, which is there in any case.
    if (!(known instanceof Dated)) return { key, at: undefined, text: this.#codec.encode(known) };
    known.text ??= this.#codec.encode(known.value as T);
    known.value = undefined;
    return { key, at: known.at, text: known.text };
  }

  #alone(value: T): T {
    return this.#codec.alone?.(value) ?? value;
  }
}
