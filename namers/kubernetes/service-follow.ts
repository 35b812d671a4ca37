/** Follows one name of Kubernetes: looks again when something of it changed, and tells what it sees. */
import type { Clock, ServiceListener, ServiceReading } from "linkspan/plugin";
import type { FeedFollower } from "./feed.ts";
import type { Look } from "./service-reading.ts";

/** What a name is seen through. */
export interface NameView extends Disposable {
  /** `undefined` until all is known that has to be. Throws an Error that says why the name means nothing. */
  read(): Look | undefined;
  /** Why nothing is known of what happens now. */
  readonly trouble: Error | undefined;
}

/** Whom it follows. */
export interface FollowedName {
  view(follower: FeedFollower): NameView;
  /** What the guard is told of a look. */
  reading(look: Look): ServiceReading;
}

/** The changes of a name that come within it are told together. */
const GATHER_MS = 100;
/** Where a name is so large that a look takes long, looking takes at most a fifth of the time. */
const REST_FACTOR = 4;

export class ServiceFollow implements Disposable, FeedFollower {
  readonly #name: FollowedName;
  readonly #listener: ServiceListener;
  readonly #clock: Clock;
  readonly #view: NameView;
  #wasSeen = false;
  #timer: Disposable | undefined;
  #nextLook = -Infinity;

  constructor(name: FollowedName, listener: ServiceListener, clock: Clock) {
    this.#name = name;
    this.#listener = listener;
    this.#clock = clock;
    this.#view = name.view(this);
    const { trouble } = this.#view;
    if (trouble) this.failed(trouble);
    this.changed();
  }

  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#view[Symbol.dispose]();
  }

  changed(): void {
    if (this.#timer) return;
    const wait = this.#nextLook - this.#clock.now();
    if (wait <= 0) return this.#look();
    this.#timer = this.#clock.timer(wait, () => {
      this.#timer = undefined;
      this.#look();
    });
  }

  failed(cause: Error): void {
    this.#listener.failed(cause);
  }

  well(): void {
    if (!this.#view.trouble) this.#look();
  }

  #look(): void {
    const begun = this.#clock.now();
    try {
      const look = this.#view.read();
      if (!look) return;
      this.#tell(look);
    } catch (error) {
      this.#listener.failed(error as Error);
    }
    const end = this.#clock.now();
    this.#nextLook = Math.max(begun + GATHER_MS, end + REST_FACTOR * (end - begun));
  }

  #tell(look: Look): void {
    const { trouble } = this.#view;
    // Who was not there before an outage may have come since: that was not asked.
    if (trouble && !this.#wasSeen && !look.members) return;
    this.#wasSeen = true;
    this.#listener.heard(this.#name.reading(look));
    if (trouble) this.#listener.failed(trouble);
  }
}

/** Whoever was leaving or not ready at the last look, and is gone at this one, did not go without a sign. */
export class SignMemory {
  #before = NONE;

  /** What the guard is told of a look. */
  reading(look: Look): ServiceReading {
    const now = signed(look);
    const reading = toReading(look, union(now, this.#before));
    this.#before = now;
    return reading;
  }

  /** The same of a second look, which is not the next one. */
  confirming(look: Look): ServiceReading {
    return toReading(look, union(signed(look), this.#before));
  }
}

/** Of most names nobody is leaving, and there are many names. */
const NONE: ReadonlySet<string> = new Set();

function signed({ members, withdrawn }: Look): ReadonlySet<string> {
  let ids: Set<string> | undefined;
  for (const { id } of withdrawn) (ids ??= new Set()).add(id);
  for (const [id, { endpoint }] of members ?? []) if (endpoint.condition !== "ready") (ids ??= new Set()).add(id);
  return ids ?? NONE;
}

function union(a: ReadonlySet<string>, b: ReadonlySet<string>): ReadonlySet<string> {
  if (a.size === 0) return b;
  return b.size === 0 ? a : new Set([...a, ...b]);
}

function toReading({ members, withdrawn }: Look, signs: ReadonlySet<string>): ServiceReading {
  if (withdrawn.length === 0) return { members, signs };
  return { members, signs, withdrawn: withdrawn.map(({ instance }) => instance) };
}
