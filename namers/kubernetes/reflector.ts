/** Keeps a copy of what stands at a place of the API: lists it, watches it, and from time to time lists it again. */
import { Backoff, type Random, sleep } from "linkspan/plugin";
import { ApiError } from "./api-error.ts";
import { Comparison, type Reading } from "./comparison.ts";
import { type ApiObject, metadataOf, textOf } from "./json-fields.ts";
import { listAll } from "./list.ts";
import { keyOf, type Kept, ObjectStore, type Resource, type StoreListener } from "./object-store.ts";
import { Reach } from "./reach.ts";
import { followWatch, type WatchedEvent } from "./watch-stream.ts";
import { watchLength } from "./watch-length.ts";
import { Watching } from "./watching.ts";

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

export interface ReflectorOptions<T> extends Reading {
  /** The first that the API server has is taken. */
  readonly resources: readonly Resource<T>[];
  readonly random: Random;
  readonly listener: ReflectorListener<T>;
  readonly times?: ReflectorTimes;
}

/** A watch that lasted so long was sound. */
const SOUND_MS = 4_000;

/** Begins when it is made, and goes on until it is disposed. */
export class Reflector<T> implements Disposable {
  readonly #options: ReflectorOptions<T>;
  readonly #times: ReflectorTimes;
  readonly #store: ObjectStore<T>;
  readonly #backoff: Backoff;
  readonly #reach = new Reach();
  readonly #end = new AbortController();
  /** Aborts to end the watch that runs, so that all is listed anew. */
  #round = new AbortController();
  #comparison: Comparison<T> | undefined;
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

  [Symbol.dispose](): void {
    this.#resyncTimer?.[Symbol.dispose]();
    this.#end.abort(new Error("the reflector is closed"));
    this.#round.abort(new Error("the reflector is closed"));
  }

  /**
   * Compares all with what stands there, beside the watch, and sets right what differs. Resolves with how many objects
   * that were; `undefined` when there was no sound watch to compare with for all the time.
   */
  async resync(): Promise<number | undefined> {
    if (!this.#isWatching || this.#comparison || this.#end.signal.aborted) return undefined;
    const comparison = new Comparison(this.#store, this.#options);
    this.#comparison = comparison;
    try {
      return await this.#compare(comparison, this.#round);
    } catch {
      // Whether the server can be asked is found out by the watch.
      return undefined;
    } finally {
      this.#comparison = undefined;
    }
  }

  async #compare(comparison: Comparison<T>, round: AbortController): Promise<number | undefined> {
    const { signal } = round;
    const resource = await this.#firstKnown((each) => comparison.look(each, signal).then(() => each));
    await sleep(this.#options.clock, this.#times.graceMs, signal);
    if (!this.#isSound(round)) return undefined;
    if (resource !== this.#resource) {
      round.abort(new Error("the API server has other resources now"));
      return undefined;
    }
    const { differing } = comparison;
    if (differing.size === 0) return 0;
    const read = await comparison.read(differing, resource, signal);
    if (!this.#isSound(round)) return undefined;
    const repairs = comparison.repair(differing, read, resource);
    if (repairs > 0) {
      this.#options.listener.repaired(repairs);
      this.#options.listener.settled("list");
    }
    return repairs;
  }

  #isSound(round: AbortController): boolean {
    return this.#round === round && this.#isWatching && !round.signal.aborted;
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
    const watch = await this.#firstKnown((resource) => this.#list(resource, signal));
    if (!this.#isRefused) this.#options.listener.well();
    while (await this.#watch(watch, signal));
  }

  async #list(resource: Resource<T>, signal: AbortSignal): Promise<Watching<Resource<T>>> {
    const { access, clock, turns, listener } = this.#options;
    const { place } = resource;
    const objects = new Map<string, Kept<T>>();
    const begin = (): void => objects.clear();
    const each = (object: ApiObject): void => this.#store.collect(object, resource, objects);
    const version = await turns.pass(async () => {
      await this.#reach.check({ access, place, clock, signal });
      return listAll({ access, place, clock, signal, begin, each });
    }, signal);
    this.#reach.listed();
    this.#resource = resource;
    this.#store.replace(objects, resource);
    listener.settled("list");
    return new Watching(resource, version);
  }

  /** The API server says of resources that it does not have that they are not found. */
  async #firstKnown<R>(read: (resource: Resource<T>) => Promise<R>): Promise<R> {
    let missing: ApiError | undefined;
    for (const resource of this.#options.resources) {
      try {
        return await read(resource);
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
      this.#comparison?.touch(keyOf(object));
      if (type === "DELETED") this.#store.remove(object);
      else this.#store.put(object, watching.resource);
    }
    if (hasChanges) this.#options.listener.settled("events");
  }
}
