/** One service of a registry while it is followed: readings in, through the guard, what is to be believed out. */
import { type Address, AddressSet } from "../base/address.ts";
import type { Guarded, NameGuard, Reading, SourceGuard } from "../base/guard.ts";
import type { Instance } from "../base/instance.ts";
import type { Clock } from "../base/time.ts";
import { failed, ok, type Stale, type State } from "../base/var.ts";
import type { Refusals } from "./refused-entries.ts";
import type { WatchPage } from "./watch-book.ts";

/** What may be called, as its registry records it and as traffic sees it. */
export interface ServiceMember {
  readonly instance: Instance;
  readonly address: Address;
}

/** One full answer of a registry about one service. */
export interface ServiceReading extends Reading<ServiceMember> {
  /** What is registered and is not to be called now: it is shown, and nothing else. */
  readonly withdrawn?: readonly Instance[];
  /** Entries that are left out because they cannot be read, and why: each is counted and told once. */
  readonly refused?: Refusals;
  /** Whether a member of this reading has taken the place of one that is held: that one is not called any more. */
  readonly replaces?: (held: ServiceMember) => boolean;
  /** Of the addresses as a whole, such as `authority`. */
  readonly meta?: Readonly<Record<string, string>>;
  /** What the registry calls this version. */
  readonly revision?: string;
}

/** What is to be believed of one service at one moment. */
export interface ServiceSnapshot {
  /** False when the registry has no such service. */
  readonly exists: boolean;
  readonly instances: readonly Instance[];
  /** Of the instances that may be called. */
  readonly addresses: AddressSet;
}

/** What a source tells of the service that it follows. */
export interface ServiceListener {
  heard(reading: ServiceReading): void;
  /** It could not be asked: what was heard last stays, stale. */
  failed(cause: Error): void;
}

/** How a registry is asked about one service. */
export interface ServiceSource {
  /** Tells every full answer and every failure, until what it returns is disposed. */
  follow(listener: ServiceListener): Disposable;
  /** The second look at a loss, on a connection that is newer than the question. Rejects when it cannot. */
  confirm(signal: AbortSignal): Promise<ServiceReading>;
}

const NONE: Refusals = new Map();

export interface GuardedServiceOptions {
  readonly name: string;
  readonly source: ServiceSource;
  readonly guard: SourceGuard;
  readonly page: WatchPage;
  readonly clock: Clock;
  set(state: State<ServiceSnapshot>): void;
}

/** Follows from its construction until it is disposed. */
export class GuardedService implements ServiceListener, Disposable {
  readonly #options: GuardedServiceOptions;
  readonly #guard: NameGuard<ServiceMember>;
  readonly #following: Disposable;
  #newest: ServiceReading = { members: undefined };
  /** Since when and why the newest reading is not confirmed. */
  #stale: Stale | undefined;
  #closed = false;

  constructor(options: GuardedServiceOptions) {
    this.#options = options;
    const { guard, name, source } = options;
    this.#guard = guard.name<ServiceMember>(
      name,
      (guarded) => this.#believe(guarded),
      async (signal) => this.#noted(await source.confirm(signal)),
    );
    this.#following = source.follow(this);
  }

  [Symbol.dispose](): void {
    if (this.#closed) return;
    this.#closed = true;
    this.#following[Symbol.dispose]();
    this.#guard[Symbol.dispose]();
    this.#options.page[Symbol.dispose]();
  }

  heard(reading: ServiceReading): void {
    if (this.#closed) return;
    this.#stale = undefined;
    this.#noted(reading);
    this.#guard.offer(reading.members, reading.signs);
  }

  failed(cause: Error): void {
    if (this.#closed) return;
    this.#stale ??= { since: this.#options.clock.wall(), cause };
    this.#publish(failed(cause));
  }

  #noted(reading: ServiceReading): ServiceReading {
    this.#newest = reading;
    this.#options.page.refused(reading.refused ?? NONE);
    return reading;
  }

  #believe({ members, held }: Guarded<ServiceMember>): void {
    const { withdrawn = [], meta, revision } = this.#newest;
    const found = this.#called(members ?? new Map());
    const snapshot: ServiceSnapshot = {
      exists: members !== undefined,
      // Made when they are looked at, which they seldom are: of each endpoint they take as much as all the rest.
      get instances() {
        const instances = [...found.map((member) => member.instance), ...withdrawn];
        return instances.sort((a, b) => compare(a.id, b.id));
      },
      addresses: AddressSet.of(
        found.map((member) => member.address),
        meta,
      ),
    };
    // What a hold ends with during an outage is no newer than the outage.
    const trouble = this.#stale ? { stale: this.#stale } : { confirmedAt: this.#options.clock.wall() };
    const version = revision === undefined ? {} : { revision };
    this.#publish(ok(snapshot, { ...trouble, ...version, ...(held ? { held } : {}) }));
  }

  /** Without what is held though something else has taken its place. */
  #called(believed: ReadonlyMap<string, ServiceMember>): readonly ServiceMember[] {
    const { members, replaces } = this.#newest;
    const all = [...believed];
    const called = replaces ? all.filter(([id, member]) => members?.has(id) === true || !replaces(member)) : all;
    return called.map(([, member]) => member);
  }

  #publish(state: State<ServiceSnapshot>): void {
    this.#options.page.tell(state, state.tag === "ok" ? state.value.addresses.addresses.length : undefined);
    this.#options.set(state);
  }
}

const compare = (a: string, b: string): number => (a < b ? -1 : Number(a > b));
