/** Objects of one kind in one namespace, by the Service that they belong to: one watch for all who follow one of them. */
import { ByKey } from "linkspan/plugin";
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
  readonly #byService = new ByKey<T>();
  readonly #followers = new ByKey<FeedFollower>();
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
    return this.#byService.of(service);
  }

  /** Until it leaves. */
  follow(service: string, follower: FeedFollower): void {
    this.#followers.add(service, follower);
  }

  leave(service: string, follower: FeedFollower): void {
    this.#followers.delete(service, follower);
  }

  changed(before: T | undefined, now: T | undefined): void {
    if (before) this.#forget(before);
    if (!now) return;
    this.#byService.add(now.service, now);
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
    this.#byService.delete(value.service, value);
    this.#dirty.add(value.service);
  }

  #tellAll(tell: (follower: FeedFollower) => void): void {
    for (const service of Array.from(this.#followers.keys())) this.#tell(service, tell);
  }

  /** Those that begin or end to follow meanwhile hear nothing. */
  #tell(service: string, tell: (follower: FeedFollower) => void): void {
    for (const follower of this.#followers.of(service)) if (this.#followers.has(service, follower)) tell(follower);
  }
}

const changed = (follower: FeedFollower): void => follower.changed();

const UNSEEN = new Error("it changed between two watches, and how was not seen");

/** Who takes what goes before their eyes for a deletion is not to take this for one. */
function changedUnseen(follower: FeedFollower): void {
  follower.failed(UNSEEN);
  follower.changed();
}
