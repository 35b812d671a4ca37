/** Keeps a copy of what stands at a place of the API: lists it, watches it, and from time to time lists it again. */
import { Backoff, type Clock, type Random, sleep } from "linkspan/plugin";
import type { ApiAccess } from "./api-access.ts";
import { ApiError } from "./api-error.ts";
import type { ApiPlace } from "./api-place.ts";
import { metadataOf, textOf } from "./json-fields.ts";
import { listAll } from "./list.ts";
import { type Keeper, keyOf, type Kept, type Listed, ObjectStore, type StoreListener } from "./object-store.ts";
import type { Turns } from "./turns.ts";
import { followWatch, type WatchedEvent } from "./watch-stream.ts";
import { watchLength } from "./watch-length.ts";
import { Watching } from "./watching.ts";

/** Objects of one kind at one place. */
export interface Resource<T> extends Keeper<T> {
  readonly place: ApiPlace;
}

/** How it is known what changed: what a list lacks went while nobody saw how. */
export type SettledBy = "list" | "events";

export interface ReflectorListener<T> extends StoreListener<T> {
  /** All that was told of changes belongs together: a list, or events that came together. */
  settled(by: SettledBy): void;
  /** Nothing is known of what happens from now on. */
  failed(cause: Error): void;
  /** The copy is whole and watched (again). */
  well(): void;
  /** The version that it was to go on from is not known any more. */
  expired(): void;
  /** So much had to be set right that no event had told. */
  repaired(count: number): void;
}

export interface ReflectorTimes {
  /** Between two lists while the watch is sound, give or take a fifth. */
  readonly resyncMs: number;
  /** How long after such a list an event may come that it was ahead of. */
  readonly graceMs: number;
  readonly retryFromMs: number;
  readonly retryToMs: number;
}

export const USUAL_TIMES: ReflectorTimes = { resyncMs: 300_000, graceMs: 5_000, retryFromMs: 100, retryToMs: 2_000 };

export interface ReflectorOptions<T> {
  readonly access: ApiAccess;
  /** The first that the API server has is taken. */
  readonly resources: readonly Resource<T>[];
  readonly turns: Turns;
  readonly clock: Clock;
  readonly random: Random;
  readonly listener: ReflectorListener<T>;
  readonly times?: ReflectorTimes;
}

/** A watch that lasted so long was sound. */
const SOUND_MS = 4_000;

interface ListedResource<T> {
  readonly resource: Resource<T>;
  readonly version: string;
  readonly objects: Listed<T>;
}

/** Begins when it is made, and goes on until it is disposed. */
export class Reflector<T> implements Disposable {
  readonly #options: ReflectorOptions<T>;
  readonly #times: ReflectorTimes;
  readonly #store: ObjectStore<T>;
  readonly #backoff: Backoff;
  readonly #end = new AbortController();
  /** Aborts to end the watch that runs, so that all is listed anew. */
  #round = new AbortController();
  /** The keys that events told of since the list that is compared was begun. */
  #touched: Set<string> | undefined;
  #isWatching = false;
  /** Whether the server gave a list and refused the watch: then a list alone makes nothing well. */
  #isRefused = false;
  #resource: Resource<T> | undefined;
  #resyncTimer: Disposable | undefined;

  constructor(options: ReflectorOptions<T>) {
    this.#options = options;
    this.#times = options.times ?? USUAL_TIMES;
    this.#store = new ObjectStore(options.listener);
    this.#backoff = new Backoff(this.#times.retryFromMs, this.#times.retryToMs, options.random);
    this.#planResync();
    void this.#run();
  }

  /** How many objects are kept. */
  get size(): number {
    return this.#store.size;
  }

  [Symbol.dispose](): void {
    this.#resyncTimer?.[Symbol.dispose]();
    this.#end.abort(new Error("the reflector is closed"));
    this.#round.abort(new Error("the reflector is closed"));
  }

  /**
   * Lists all again beside the watch and sets right what differs. Resolves with how many objects that were; `undefined`
   * when there was no sound watch to compare with for all the time.
   */
  async resync(): Promise<number | undefined> {
    const round = this.#round;
    if (!this.#isWatching || this.#touched || this.#end.signal.aborted) return undefined;
    const touched = new Set<string>();
    this.#touched = touched;
    try {
      const { resource, objects } = await this.#list(round.signal);
      await sleep(this.#options.clock, this.#times.graceMs, round.signal);
      if (this.#round !== round || !this.#isWatching) return undefined;
      if (resource !== this.#resource) round.abort(new Error("the API server has other resources now"));
      else return this.#repair(objects, resource, touched);
    } catch {
      // Whether the server can be asked is found out by the watch.
    } finally {
      if (this.#touched === touched) this.#touched = undefined;
    }
    return undefined;
  }

  #repair(objects: Listed<T>, resource: Resource<T>, touched: ReadonlySet<string>): number {
    const repairs = this.#store.repair(objects, resource, touched);
    if (repairs > 0) {
      this.#options.listener.repaired(repairs);
      this.#options.listener.settled("list");
    }
    return repairs;
  }

  #planResync(): void {
    const { clock, random } = this.#options;
    this.#resyncTimer = clock.timer(this.#times.resyncMs * (0.8 + 0.4 * random.next()), () => {
      this.#planResync();
      void this.resync();
    });
  }

  async #run(): Promise<void> {
    const { clock, listener } = this.#options;
    const { signal } = this.#end;
    while (!signal.aborted) {
      let waitMs = 0;
      this.#round = new AbortController();
      try {
        await this.#listAndWatch(this.#round.signal);
      } catch (error) {
        if (signal.aborted) return;
        waitMs = error instanceof ApiError ? (error.retryAfterMs ?? 0) : 0;
        listener.failed(error as Error);
      }
      await sleep(clock, Math.max(this.#backoff.next(), waitMs), signal).catch(() => undefined);
    }
  }

  /** Resolves when all is to be listed anew, and rejects when it cannot be. */
  async #listAndWatch(signal: AbortSignal): Promise<void> {
    const { listener } = this.#options;
    const { resource, version, objects } = await this.#list(signal);
    this.#resource = resource;
    this.#store.replace(objects, resource);
    listener.settled("list");
    if (!this.#isRefused) listener.well();
    const watch = new Watching(resource, version);
    while (await this.#watch(watch, signal));
  }

  async #list(signal: AbortSignal): Promise<ListedResource<T>> {
    const { access, clock, resources, turns } = this.#options;
    let missing: ApiError | undefined;
    for (const resource of resources) {
      let objects = new Map<string, Kept<T>>();
      const begin = (): void => void (objects = new Map());
      const each = (object: Parameters<typeof keyOf>[0]): void => this.#store.collect(object, resource, objects);
      const { place } = resource;
      try {
        const version = await turns.pass(() => listAll({ access, place, clock, signal, begin, each }), signal);
        return { resource, version, objects };
      } catch (error) {
        if (!(error instanceof ApiError) || error.status !== 404) throw error;
        missing ??= error;
      }
    }
    throw missing ?? new Error("there is nothing to list");
  }

  /** Whether the next watch may go on where this one ended. */
  async #watch(watching: Watching<Resource<T>>, signal: AbortSignal): Promise<boolean> {
    const { access, clock, random, listener } = this.#options;
    const length = watchLength(access.isProbed, random);
    const { resource, version } = watching;
    let acceptedAt: number | undefined;
    const accepted = (): void => {
      acceptedAt = clock.now();
      this.#isWatching = true;
      if (this.#isRefused) listener.well();
      this.#isRefused = false;
      void this.#compareHistory(watching, signal);
    };
    const heard = (events: readonly WatchedEvent[]): void => this.#heard(events, watching);
    try {
      await followWatch({ access, place: resource.place, version, ...length, clock, signal, accepted, heard });
    } catch (error) {
      if (signal.aborted) return false;
      if (error instanceof ApiError && error.isExpired) listener.expired();
      else if (acceptedAt === undefined) throw this.#refusedBy(error);
      if (this.#lasted(acceptedAt)) this.#backoff.reset();
      return false;
    } finally {
      this.#isWatching = false;
    }
    if (this.#lasted(acceptedAt)) this.#backoff.reset();
    // Otherwise its server may have been started anew, with another history: only a list shows.
    return this.#lasted(acceptedAt, length.leastMs);
  }

  async #compareHistory(watching: Watching<Resource<T>>, signal: AbortSignal): Promise<void> {
    const { access, clock, random, listener } = this.#options;
    const backoff = new Backoff(this.#times.retryFromMs, this.#times.retryToMs, random);
    if (!(await watching.isAhead({ access, clock, backoff, signal })) || signal.aborted) return;
    listener.expired();
    this.#round.abort(new Error("the API server has another history now"));
  }

  #refusedBy(error: unknown): unknown {
    this.#isRefused = error instanceof ApiError;
    return error;
  }

  #lasted(since: number | undefined, ms = SOUND_MS): boolean {
    return since !== undefined && this.#options.clock.now() - since >= ms;
  }

  #heard(events: readonly WatchedEvent[], watching: Watching<Resource<T>>): void {
    let hasChanges = false;
    for (const { type, object } of events) {
      watching.version = textOf(metadataOf(object)["resourceVersion"]) ?? watching.version;
      if (type === "BOOKMARK") continue;
      hasChanges = true;
      this.#touched?.add(keyOf(object));
      if (type === "DELETED") this.#store.remove(object);
      else this.#store.put(object, watching.resource);
    }
    if (hasChanges) this.#options.listener.settled("events");
  }
}
