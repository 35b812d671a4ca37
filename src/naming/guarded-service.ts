/** One service of a registry while it is followed: readings in, through the guard, what is to be believed out. */
import type { Believer, Guarded, NameGuard, SourceGuard } from "../base/guard.ts";
import type { Clock } from "../base/time.ts";
import { Machine } from "../base/cell.ts";
import { failed, ok, type Stale, type State } from "../base/var.ts";
import { BelievedService } from "./believed-service.ts";
import type { Path } from "./path.ts";
import type { Refusals } from "./refused-entries.ts";
import type {
  ServiceListener,
  ServiceMember,
  ServiceReading,
  ServiceSnapshot,
  ServiceSource,
} from "./service-source.ts";
import type { WatchBook, WatchPage } from "./watch-book.ts";

export type { ServiceListener, ServiceMember, ServiceReading, ServiceSnapshot, ServiceSource };

const NONE: Refusals = new Map();
const NOTHING: ServiceReading = { members: undefined };

/** What all services of a namer share. */
export interface GuardedServiceHome {
  readonly guard: SourceGuard;
  readonly clock: Clock;
  readonly book: WatchBook;
  /** Those that are followed, by their ids. */
  readonly live: Map<string, GuardedService>;
}

/** Follows while it is observed. There is one for each name, so it keeps little beside what it must. */
export class GuardedService
  extends Machine<ServiceSnapshot>
  implements ServiceListener, Believer<ServiceMember>, Disposable
{
  readonly #id: Path;
  readonly #source: ServiceSource;
  readonly #home: GuardedServiceHome;
  #page: WatchPage | undefined;
  #guard: NameGuard<ServiceMember> | undefined;
  #following: Disposable | undefined;
  #newest: ServiceReading = NOTHING;
  #believed: BelievedService | undefined;
  /** Since when and why the newest reading is not confirmed. */
  #stale: Stale | undefined;

  constructor(id: Path, source: ServiceSource, home: GuardedServiceHome) {
    super(home);
    this.#id = id;
    this.#source = source;
    this.#home = home;
  }

  protected start(): Disposable {
    const { guard, book, live } = this.#home;
    const name = this.#id.show;
    // Who was told something at once may have left and come back.
    this.end();
    live.set(name, this);
    const page = book.open(name);
    this.#page = page;
    this.#guard = guard.join<ServiceMember>(name, this);
    const following = this.#source.follow(this);
    if (this.#page === page) this.#following = following;
    else following[Symbol.dispose]();
    return this;
  }

  /** The Machine ends its source. */
  [Symbol.dispose](): void {
    const { live } = this.#home;
    if (live.get(this.#id.show) === this) live.delete(this.#id.show);
    this.end();
  }

  /** Nothing more is heard; for the namer, which may be closed before its observers have left. */
  end(): void {
    this.#following?.[Symbol.dispose]();
    this.#guard?.[Symbol.dispose]();
    this.#page?.[Symbol.dispose]();
    this.#following = undefined;
    this.#guard = undefined;
    this.#page = undefined;
  }

  heard(reading: ServiceReading): void {
    if (!this.#guard) return;
    this.#stale = undefined;
    this.#noted(reading);
    this.#guard.offer(reading.members, reading.signs);
  }

  failed(cause: Error): void {
    if (!this.#guard) return;
    this.#stale ??= { since: this.clock.wall(), cause };
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
    const confirmedAt = this.clock.wall();
    // Nearly always; what is put together of parts takes more room.
    if (!this.#stale && !held && revision === undefined && !meta) return this.#publish(ok(snapshot, { confirmedAt }));
    // What a hold ends with during an outage is no newer than the outage.
    const trouble = this.#stale ? { stale: this.#stale } : { confirmedAt };
    const version = revision === undefined ? {} : { revision };
    this.#publish(ok(snapshot, { ...trouble, ...version, ...(held ? { held } : {}) }));
  }

  #noted(reading: ServiceReading): ServiceReading {
    this.#newest = reading;
    this.#page?.refused(reading.refused ?? NONE);
    return reading;
  }

  #publish(state: State<ServiceSnapshot>): void {
    this.#page?.tell(state, state.tag === "ok" ? state.value.addresses.size : undefined);
    this.say(state);
  }
}
