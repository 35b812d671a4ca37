/** What is known of the objects of one place: of each only what its reader keeps. */
import { type ApiObject, metadataOf, textOf } from "./json-fields.ts";

/** How objects of one kind are kept. */
export interface Keeper<T> {
  /** What is kept of the object; `undefined` where it is of no use. Throws an Error that says why it cannot be read. */
  keep(object: ApiObject): T | undefined;
  isSame(a: T, b: T): boolean;
}

export interface Kept<T> {
  /** Opaque: equal or not, and nothing else. */
  readonly version: string | undefined;
  /** Of another object of the same name it is another one. */
  readonly uid: string | undefined;
  readonly value: T;
}

export interface StoreListener<T> {
  /** One of them is missing where the object came or went. */
  changed(before: T | undefined, now: T | undefined): void;
  /** The object cannot be read as what it should be, and is left out. */
  unreadable(key: string, why: Error): void;
  readable(key: string): void;
}

export type Listed<T> = ReadonlyMap<string, Kept<T>>;

export class ObjectStore<T> {
  readonly #listener: StoreListener<T>;
  #kept = new Map<string, Kept<T>>();

  constructor(listener: StoreListener<T>) {
    this.#listener = listener;
  }

  get size(): number {
    return this.#kept.size;
  }

  /** Takes the object as it came in an event. */
  put(object: ApiObject, keeper: Keeper<T>): void {
    const key = keyOf(object);
    const made = this.#make(key, object, keeper);
    if (made) this.#set(key, made, keeper);
    else this.#delete(key);
  }

  /** Takes away what an event says is gone, unless another of the same name is there already. */
  remove(object: ApiObject): void {
    const key = keyOf(object);
    const uid = textOf(metadataOf(object)["uid"]);
    const known = this.#kept.get(key);
    if (uid !== undefined && known?.uid !== undefined && known.uid !== uid) return;
    this.#listener.readable(key);
    this.#delete(key);
  }

  /**
   * For a list that is being read: adds the object as it would be kept, or as it is, where that is the same. Of tens of
   * thousands hardly one is another, and no second copy of all is kept until the list is whole.
   */
  collect(object: ApiObject, keeper: Keeper<T>, into: Map<string, Kept<T>>): void {
    const key = keyOf(object);
    const made = this.#make(key, object, keeper);
    if (!made) return;
    const known = this.#kept.get(key);
    into.set(key, known && isSameKept(known, made, keeper) ? known : made);
  }

  /** The list is what is there; what it does not have is gone. */
  replace(listed: Listed<T>, keeper: Keeper<T>): void {
    for (const key of Array.from(this.#kept.keys())) if (!listed.has(key)) this.#delete(key);
    for (const [key, kept] of listed) this.#set(key, kept, keeper);
  }

  /**
   * Sets right what differs from the list, except for `touched`, and says how many did. What differs, and was not told
   * of since before the list was read, no event will set right.
   */
  repair(listed: Listed<T>, keeper: Keeper<T>, touched: ReadonlySet<string>): number {
    let repairs = 0;
    for (const [key, kept] of listed) {
      const known = this.#kept.get(key);
      if (known === kept || touched.has(key) || (known && isSameKept(known, kept, keeper))) continue;
      this.#set(key, kept, keeper);
      repairs++;
    }
    for (const key of Array.from(this.#kept.keys())) {
      if (listed.has(key) || touched.has(key)) continue;
      this.#delete(key);
      repairs++;
    }
    return repairs;
  }

  #make(key: string, object: ApiObject, keeper: Keeper<T>): Kept<T> | undefined {
    try {
      const value = keeper.keep(object);
      this.#listener.readable(key);
      const { resourceVersion, uid } = metadataOf(object);
      return value === undefined ? undefined : { value, version: textOf(resourceVersion), uid: textOf(uid) };
    } catch (error) {
      this.#listener.unreadable(key, error as Error);
      return undefined;
    }
  }

  #set(key: string, kept: Kept<T>, keeper: Keeper<T>): void {
    const known = this.#kept.get(key);
    if (known === kept) return;
    if (known && keeper.isSame(known.value, kept.value)) {
      // Who follows has the old one already.
      this.#kept.set(key, { ...kept, value: known.value });
      return;
    }
    this.#kept.set(key, kept);
    this.#listener.changed(known?.value, kept.value);
  }

  #delete(key: string): void {
    const known = this.#kept.get(key);
    if (!known) return;
    this.#kept.delete(key);
    this.#listener.changed(known.value, undefined);
  }
}

function isSameKept<T>(a: Kept<T>, b: Kept<T>, keeper: Keeper<T>): boolean {
  return a.version === b.version && a.uid === b.uid && keeper.isSame(a.value, b.value);
}

/** Names are unique in a namespace. */
export function keyOf(object: ApiObject): string {
  const { name, namespace } = metadataOf(object);
  return `${textOf(namespace) ?? ""}/${textOf(name) ?? ""}`;
}
