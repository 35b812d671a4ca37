/** The feeds of one kind of object: one for each namespace that somebody follows a Service of. */
import { Feed, type FeedEvents, type FeedFollower, type OfService } from "./feed.ts";
import type { Resource } from "./object-store.ts";
import { Reflector, type ReflectorOptions } from "./reflector.ts";

export interface FeedsOptions<T extends OfService> extends Omit<ReflectorOptions<T>, "resources" | "listener"> {
  resourcesIn(namespace: string): readonly Resource<T>[];
  readonly events: FeedEvents;
}

interface OpenFeed<T extends OfService> {
  readonly feed: Feed<T>;
  readonly reflector: Reflector<T>;
  end(): void;
}

/** A Service that is followed. */
export interface Followed<T extends OfService> extends Disposable {
  readonly feed: Feed<T>;
}

export class Feeds<T extends OfService> implements Disposable {
  readonly #options: FeedsOptions<T>;
  readonly #open = new Map<string, OpenFeed<T>>();

  constructor(options: FeedsOptions<T>) {
    this.#options = options;
  }

  /** The watch of the namespace ends with the last who follows something in it. */
  follow(namespace: string, service: string, follower: FeedFollower): Followed<T> {
    const open = this.#open.get(namespace) ?? this.#begin(namespace);
    return new FollowedService(open, service, follower);
  }

  /** Lists everything again and sets right what differs: how much, `undefined` where something was not compared. */
  async resync(): Promise<readonly (number | undefined)[]> {
    return Promise.all([...this.#open.values()].map(({ reflector }) => reflector.resync()));
  }

  [Symbol.dispose](): void {
    for (const [namespace, open] of Array.from(this.#open)) this.#end(namespace, open);
  }

  #begin(namespace: string): OpenFeed<T> {
    const feed = new Feed<T>(this.#options.events);
    const resources = this.#options.resourcesIn(namespace);
    const reflector = new Reflector<T>({ ...this.#options, resources, listener: feed });
    const open: OpenFeed<T> = { feed, reflector, end: () => this.#end(namespace, open) };
    this.#open.set(namespace, open);
    return open;
  }

  #end(namespace: string, open: OpenFeed<T>): void {
    if (this.#open.get(namespace) !== open) return;
    this.#open.delete(namespace);
    open.reflector[Symbol.dispose]();
  }
}

/** There is one for each name. */
class FollowedService<T extends OfService> implements Followed<T> {
  readonly #open: OpenFeed<T>;
  readonly #service: string;
  readonly #follower: FeedFollower;

  constructor(open: OpenFeed<T>, service: string, follower: FeedFollower) {
    this.#open = open;
    this.#service = service;
    this.#follower = follower;
    open.feed.follow(service, follower);
  }

  get feed(): Feed<T> {
    return this.#open.feed;
  }

  [Symbol.dispose](): void {
    const { feed } = this.#open;
    feed.leave(this.#service, this.#follower);
    if (!feed.isFollowed) this.#open.end();
  }
}
