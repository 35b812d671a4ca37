/** What is known of the objects of one place: of each only what its reader keeps. */
import type { ApiPlace } from "./api-place.ts";
import { type ApiObject, metadataOf, textOf } from "./json-fields.ts";

/** How objects of one kind are kept. */
export interface Keeper<T> {
  /** What is kept of the object; `undefined` where it is of no use. Throws an Error that says why it cannot be read. */
  keep(object: ApiObject): T | undefined;
  isSame(a: T, b: T): boolean;
}

/** Objects of one kind at one place. */
export interface Resource<T> extends Keeper<T> {
  readonly place: ApiPlace;
}

export interface Kept<T> {
  /** Opaque: equal or not, and nothing else. */
  readonly version: string | undefined;
  /** Of another object of the same name it is another one. */
  readonly uid: string | undefined;
  /** `undefined` of what is left out: of no use, or not to be read. It is known only that it is there. */
  readonly value: T | undefined;
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

  /** By their keys. */
  get all(): Listed<T> {
    return this.#kept;
  }

  /** Takes the object as it came in an event. */
  put(object: ApiObject, keeper: Keeper<T>): void {
    const key = keyOf(object);
    this.#set(key, this.#make(key, object, keeper), keeper);
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
    const known = this.#kept.get(key);
    into.set(key, known && isSameKept(known, made, keeper) ? known : made);
  }

  /** The list is what is there; what it does not have is gone. */
  replace(listed: Listed<T>, keeper: Keeper<T>): void {
    for (const key of Array.from(this.#kept.keys())) if (!listed.has(key)) this.#delete(key);
    for (const [key, kept] of listed) this.#set(key, kept, keeper);
  }

  /** Sets right what is kept by these keys, where what was read now differs, and says of how many it did. */
  repair(keys: Iterable<string>, read: Listed<T>, keeper: Keeper<T>): number {
    let repairs = 0;
    for (const key of keys) {
      const known = this.#kept.get(key);
      const kept = read.get(key);
      if (known === kept || (known && kept && isSameKept(known, kept, keeper))) continue;
      if (known?.value !== undefined || kept?.value !== undefined) repairs++;
      if (kept) this.#set(key, kept, keeper);
      else this.#delete(key);
    }
    return repairs;
  }

  #make(key: string, object: ApiObject, keeper: Keeper<T>): Kept<T> {
    const { resourceVersion, uid } = metadataOf(object);
    return { version: textOf(resourceVersion), uid: textOf(uid), value: this.#valueOf(key, object, keeper) };
  }

  #valueOf(key: string, object: ApiObject, keeper: Keeper<T>): T | undefined {
    try {
      const value = keeper.keep(object);
      this.#listener.readable(key);
      return value;
    } catch (error) {
      this.#listener.unreadable(key, error as Error);
      return undefined;
    }
  }

  #set(key: string, kept: Kept<T>, keeper: Keeper<T>): void {
    const known = this.#kept.get(key);
    if (known === kept) return;
    if (known && isSameValue(known, kept, keeper)) {
      // Who follows has the old one already.
      this.#kept.set(key, { ...kept, value: known.value });
      return;
    }
    this.#kept.set(key, kept);
    this.#tell(known?.value, kept.value);
  }

  #delete(key: string): void {
    const known = this.#kept.get(key);
    if (!known) return;
    this.#kept.delete(key);
    this.#tell(known.value, undefined);
  }

  #tell(before: T | undefined, now: T | undefined): void {
    if (before !== undefined || now !== undefined) this.#listener.changed(before, now);
  }
}

function isSameKept<T>(a: Kept<T>, b: Kept<T>, keeper: Keeper<T>): boolean {
  return a.version === b.version && a.uid === b.uid && isSameValue(a, b, keeper);
}

function isSameValue<T>(a: Kept<T>, b: Kept<T>, keeper: Keeper<T>): boolean {
  if (a.value === undefined || b.value === undefined) return a.value === b.value;
  return keeper.isSame(a.value, b.value);
}

/** Names are unique in a namespace. */
export function keyOf(object: ApiObject): string {
  const { name, namespace } = metadataOf(object);
  return `${textOf(namespace) ?? ""}/${textOf(name) ?? ""}`;
}
