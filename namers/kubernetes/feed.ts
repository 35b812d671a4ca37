/** Objects of one kind in one namespace, by the Service that they belong to: one watch for all who follow one of them. */
import type { ReflectorListener, SettledBy } from "./reflector.ts";

export interface FeedFollower {
  /** What belongs to the Service is another now. */
  changed(): void;
  /** Nothing is known of what happens from now on. */
  failed(cause: Error): void;
  /** All is known (again), whether it changed or not. */
  well(): void;
}

export interface OfService {
  readonly service: string;
}

/** What a feed has to tell beside the objects. */
export interface FeedEvents {
  unreadable(key: string, why: Error): void;
  readable(key: string): void;
  expired(): void;
  repaired(count: number): void;
}

export class Feed<T extends OfService> implements ReflectorListener<T> {
  readonly #events: FeedEvents;
  readonly #byService = new Map<string, Set<T>>();
  readonly #followers = new Map<string, Set<FeedFollower>>();
  readonly #dirty = new Set<string>();
  #isKnown = false;
  #trouble: Error | undefined;

  constructor(events: FeedEvents) {
    this.#events = events;
  }

  /** Whether everything was known once. */
  get isKnown(): boolean {
    return this.#isKnown;
  }

  /** Why nothing is known of what happens now. */
  get trouble(): Error | undefined {
    return this.#trouble;
  }

  get isFollowed(): boolean {
    return this.#followers.size > 0;
  }

  of(service: string): readonly T[] {
    return [...(this.#byService.get(service) ?? [])];
  }

  /** Until it leaves. */
  follow(service: string, follower: FeedFollower): void {
    const all = this.#followers.get(service) ?? new Set();
    this.#followers.set(service, all);
    all.add(follower);
  }

  leave(service: string, follower: FeedFollower): void {
    const all = this.#followers.get(service);
    if (all?.delete(follower) === true && all.size === 0) this.#followers.delete(service);
  }

  changed(before: T | undefined, now: T | undefined): void {
    if (before) this.#forget(before);
    if (!now) return;
    const all = this.#byService.get(now.service);
    if (all) all.add(now);
    else this.#byService.set(now.service, new Set([now]));
    this.#dirty.add(now.service);
  }

  settled(by: SettledBy): void {
    const isFirst = !this.#isKnown;
    this.#isKnown = true;
    const dirty = isFirst ? Array.from(this.#followers.keys()) : Array.from(this.#dirty);
    this.#dirty.clear();
    const isUnseen = by === "list" && !isFirst && this.#trouble === undefined;
    for (const service of dirty) this.#tell(service, isUnseen ? changedUnseen : changed);
  }

  failed(cause: Error): void {
    this.#trouble = cause;
    this.#tellAll((follower) => follower.failed(cause));
  }

  well(): void {
    if (this.#trouble === undefined) return;
    this.#trouble = undefined;
    this.#tellAll((follower) => follower.well());
  }

  unreadable(key: string, why: Error): void {
    this.#events.unreadable(key, why);
  }

  readable(key: string): void {
    this.#events.readable(key);
  }

  expired(): void {
    this.#events.expired();
  }

  repaired(count: number): void {
    this.#events.repaired(count);
  }

  #forget(value: T): void {
    const all = this.#byService.get(value.service);
    if (all?.delete(value) === true && all.size === 0) this.#byService.delete(value.service);
    this.#dirty.add(value.service);
  }

  #tellAll(tell: (follower: FeedFollower) => void): void {
    for (const service of Array.from(this.#followers.keys())) this.#tell(service, tell);
  }

  /** Those that begin or end to follow meanwhile hear nothing. */
  #tell(service: string, tell: (follower: FeedFollower) => void): void {
    const followers = this.#followers.get(service);
    for (const follower of Array.from(followers ?? [])) if (followers?.has(follower) === true) tell(follower);
  }
}

const changed = (follower: FeedFollower): void => follower.changed();

const UNSEEN = new Error("it changed between two watches, and how was not seen");

/** Who takes what goes before their eyes for a deletion is not to take this for one. */
function changedUnseen(follower: FeedFollower): void {
  follower.failed(UNSEEN);
  follower.changed();
}
