/** Compares what is kept with what stands there, beside the watch: by versions, and in full only where these differ. */
import type { Clock } from "linkspan/plugin";
import type { ApiAccess } from "./api-access.ts";
import { type ApiPlace, objectAt } from "./api-place.ts";
import { type ApiObject, metadataOf, textOf } from "./json-fields.ts";
import { listAll } from "./list.ts";
import { type Keeper, keyOf, type Kept, type Listed, type ObjectStore, type Resource } from "./object-store.ts";
import type { Turns } from "./turns.ts";

export interface Reading {
  readonly access: ApiAccess;
  readonly turns: Turns;
  readonly clock: Clock;
}

/** Where more differ, one list of all costs less than so many questions. */
const MOST_ASKED_ONE_BY_ONE = 16;

export class Comparison<T> {
  readonly #store: ObjectStore<T>;
  readonly #reading: Reading;
  /** The keys that events told of since it began. */
  readonly #touched = new Set<string>();
  /** What is kept in the version that is listed. */
  readonly #same = new Set<Kept<T>>();
  /** The keys of what is listed in another, or not kept at all. */
  readonly #others = new Set<string>();

  constructor(store: ObjectStore<T>, reading: Reading) {
    this.#store = store;
    this.#reading = reading;
  }

  /** An event told of it: whatever the list says of it, events say what is so. */
  touch(key: string): void {
    this.#touched.add(key);
  }

  /** Lists the versions of all. Of the same object the same version is the same content. */
  async look({ place }: Resource<T>, signal: AbortSignal): Promise<void> {
    const { access, clock } = this.#reading;
    const begin = (): void => {
      this.#same.clear();
      this.#others.clear();
    };
    const each = (object: ApiObject): void => this.#see(object);
    await this.#pass(() => listAll({ access, place, clock, signal, begin, each, isMetadataEnough: true }), signal);
  }

  /** The keys of what differs although no event told of it. */
  get differing(): ReadonlySet<string> {
    const differing = new Set<string>();
    for (const key of this.#others) if (!this.#touched.has(key)) differing.add(key);
    for (const [key, kept] of this.#store.all) {
      if (!this.#same.has(kept) && !this.#touched.has(key)) differing.add(key);
    }
    return differing;
  }

  /** Reads these objects in full. */
  async read(keys: ReadonlySet<string>, resource: Resource<T>, signal: AbortSignal): Promise<Listed<T>> {
    if (keys.size > MOST_ASKED_ONE_BY_ONE) return this.#readAt(resource.place, keys, resource, signal);
    const read = new Map<string, Kept<T>>();
    for (const key of keys) {
      const found = await this.#readAt(placeOf(resource.place, key), keys, resource, signal);
      for (const [at, kept] of found) read.set(at, kept);
    }
    return read;
  }

  /** Sets right what still differs, and says of how many objects it did. */
  repair(keys: Iterable<string>, read: Listed<T>, keeper: Keeper<T>): number {
    const untold = Array.from(keys).filter((key) => !this.#touched.has(key));
    return this.#store.repair(untold, read, keeper);
  }

  #see(object: ApiObject): void {
    const key = keyOf(object);
    const known = this.#store.all.get(key);
    if (known && isAt(known, object)) this.#same.add(known);
    else this.#others.add(key);
  }

  async #readAt(
    place: ApiPlace,
    keys: ReadonlySet<string>,
    keeper: Keeper<T>,
    signal: AbortSignal,
  ): Promise<Listed<T>> {
    const { access, clock } = this.#reading;
    const found = new Map<string, Kept<T>>();
    const begin = (): void => found.clear();
    const each = (object: ApiObject): void => {
      if (keys.has(keyOf(object))) this.#store.collect(object, keeper, found);
    };
    await this.#pass(() => listAll({ access, place, clock, signal, begin, each }), signal);
    return found;
  }

  #pass(work: () => Promise<string>, signal: AbortSignal): Promise<string> {
    return this.#reading.turns.pass(work, signal);
  }
}

/** What has no version is read whenever it is compared. */
function isAt({ version, uid }: Kept<unknown>, object: ApiObject): boolean {
  const metadata = metadataOf(object);
  return version !== undefined && version === textOf(metadata["resourceVersion"]) && uid === textOf(metadata["uid"]);
}

function placeOf(place: ApiPlace, key: string): ApiPlace {
  const [namespace = "", name = ""] = key.split("/");
  return objectAt(place, namespace, name);
}
