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

export interface ServiceFollowOptions {
  readonly listener: ServiceListener;
  readonly clock: Clock;
  readonly signs: SignMemory;
  open(follower: FeedFollower): NameView;
}

/** The changes of a name that come within it are told together. */
const GATHER_MS = 100;
/** Where a name is so large that a look takes long, looking takes at most a fifth of the time. */
const REST_FACTOR = 4;

export class ServiceFollow implements Disposable, FeedFollower {
  readonly #options: ServiceFollowOptions;
  readonly #view: NameView;
  #wasSeen = false;
  #timer: Disposable | undefined;
  #nextLook = -Infinity;

  constructor(options: ServiceFollowOptions) {
    this.#options = options;
    this.#view = options.open(this);
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
    const { clock } = this.#options;
    const wait = this.#nextLook - clock.now();
    if (wait <= 0) return this.#look();
    this.#timer = clock.timer(wait, () => {
      this.#timer = undefined;
      this.#look();
    });
  }

  failed(cause: Error): void {
    this.#options.listener.failed(cause);
  }

  well(): void {
    if (!this.#view.trouble) this.#look();
  }

  #look(): void {
    const { clock, listener } = this.#options;
    const begun = clock.now();
    try {
      const look = this.#view.read();
      if (!look) return;
      this.#tell(look);
    } catch (error) {
      listener.failed(error as Error);
    }
    const end = clock.now();
    this.#nextLook = Math.max(begun + GATHER_MS, end + REST_FACTOR * (end - begun));
  }

  #tell(look: Look): void {
    const { listener, signs } = this.#options;
    const { trouble } = this.#view;
    // Who was not there before an outage may have come since: that was not asked.
    if (trouble && !this.#wasSeen && !look.members) return;
    this.#wasSeen = true;
    listener.heard(signs.reading(look));
    if (trouble) listener.failed(trouble);
  }
}

/** Whoever was leaving or not ready at the last look, and is gone at this one, did not go without a sign. */
export class SignMemory {
  #before: ReadonlySet<string> = new Set();

  /** What the guard is told of a look. */
  reading(look: Look): ServiceReading {
    const now = signed(look);
    const reading = toReading(look, this.#before.size === 0 ? now : new Set([...now, ...this.#before]));
    this.#before = now;
    return reading;
  }

  /** The same of a second look, which is not the next one. */
  confirming(look: Look): ServiceReading {
    return toReading(look, new Set([...signed(look), ...this.#before]));
  }
}

function signed({ members, withdrawn }: Look): ReadonlySet<string> {
  const ids = new Set(withdrawn.map(({ id }) => id));
  for (const [id, { endpoint }] of members ?? []) if (endpoint.condition !== "ready") ids.add(id);
  return ids;
}

const toReading = ({ members, withdrawn }: Look, signs: ReadonlySet<string>): ServiceReading => ({
  members,
  signs,
  withdrawn: withdrawn.map(({ instance }) => instance),
});
