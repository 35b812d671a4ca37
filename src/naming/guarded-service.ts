/** One service of a registry while it is followed: readings in, through the guard, what is to be believed out. */
import type { Believer, Guarded, NameGuard, SourceGuard } from "../base/guard.ts";
import type { Clock } from "../base/time.ts";
import { failed, ok, type Stale, type State } from "../base/var.ts";
import { BelievedService } from "./believed-service.ts";
import type { Refusals } from "./refused-entries.ts";
import type { Outlet } from "./shared-sources.ts";
import type {
  ServiceListener,
  ServiceMember,
  ServiceReading,
  ServiceSnapshot,
  ServiceSource,
} from "./service-source.ts";
import type { WatchPage } from "./watch-book.ts";

export type { ServiceListener, ServiceMember, ServiceReading, ServiceSnapshot, ServiceSource };

const NONE: Refusals = new Map();
const NOTHING: ServiceReading = { members: undefined };

/** What all services of a namer share. */
export interface GuardedServiceHome {
  readonly guard: SourceGuard;
  readonly clock: Clock;
  /** It is disposed. */
  closed(service: GuardedService): void;
}

export interface GuardedServiceParts {
  readonly name: string;
  readonly source: ServiceSource;
  readonly page: WatchPage;
  readonly outlet: Outlet<ServiceSnapshot>;
}

/** Follows from its construction until it is disposed. There is one for each name, so it keeps little beside what it must. */
export class GuardedService implements ServiceListener, Believer<ServiceMember>, Disposable {
  readonly #home: GuardedServiceHome;
  readonly #source: ServiceSource;
  readonly #page: WatchPage;
  readonly #outlet: Outlet<ServiceSnapshot>;
  readonly #guard: NameGuard<ServiceMember>;
  readonly #following: Disposable;
  #newest: ServiceReading = NOTHING;
  #believed: BelievedService | undefined;
  /** Since when and why the newest reading is not confirmed. */
  #stale: Stale | undefined;
  #closed = false;

  constructor({ name, source, page, outlet }: GuardedServiceParts, home: GuardedServiceHome) {
    this.#home = home;
    this.#source = source;
    this.#page = page;
    this.#outlet = outlet;
    this.#guard = home.guard.join<ServiceMember>(name, this);
    this.#following = source.follow(this);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#following[Symbol.dispose]();
    this.#guard[Symbol.dispose]();
    this.#page[Symbol.dispose]();
    this.#home.closed(this);
  }

  heard(reading: ServiceReading): void {
    if (this.#closed) return;
    this.#stale = undefined;
    this.#noted(reading);
    this.#guard.offer(reading.members, reading.signs);
  }

  failed(cause: Error): void {
    if (this.#closed) return;
    this.#stale ??= { since: this.#home.clock.wall(), cause };
    this.#publish(failed(cause));
  }

  /** For the guard, which looks a second time. */
  async confirm(signal: AbortSignal): Promise<ServiceReading> {
    return this.#noted(await this.#source.confirm(signal));
  }

  /** For the guard. */
  believe({ members, held }: Guarded<ServiceMember>): void {
    const { meta, revision } = this.#newest;
    const snapshot = new BelievedService(members, this.#newest, this.#believed);
    this.#believed = snapshot;
    const confirmedAt = this.#home.clock.wall();
    // Nearly always; what is put together of parts takes more room.
    if (!this.#stale && !held && revision === undefined && !meta) return this.#publish(ok(snapshot, { confirmedAt }));
    // What a hold ends with during an outage is no newer than the outage.
    const trouble = this.#stale ? { stale: this.#stale } : { confirmedAt };
    const version = revision === undefined ? {} : { revision };
    this.#publish(ok(snapshot, { ...trouble, ...version, ...(held ? { held } : {}) }));
  }

  #noted(reading: ServiceReading): ServiceReading {
    this.#newest = reading;
    this.#page.refused(reading.refused ?? NONE);
    return reading;
  }

  #publish(state: State<ServiceSnapshot>): void {
    this.#page.tell(state, state.tag === "ok" ? state.value.addresses.size : undefined);
    this.#outlet.say(state);
  }
}
