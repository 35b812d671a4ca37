/** All services that one namer follows: each once, guarded, shown, and gone when nobody observes it. */
import { AddressSet } from "../base/address.ts";
import { SourceGuard } from "../base/guard.ts";
import type { Instance } from "../base/instance.ts";
import { Scope } from "../base/scope.ts";
import type { Clock, Random } from "../base/time.ts";
import type { GuardSettings } from "../base/guard.ts";
import { type Derivable, Derived } from "../base/cell.ts";
import { ok, type State, Var, type VarOptions, withTrouble } from "../base/var.ts";
import {
  GuardedService,
  type GuardedServiceHome,
  type ServiceSnapshot,
  type ServiceSource,
} from "./guarded-service.ts";
import { leaf, type NameTree, neg } from "./name-tree.ts";
import type { Name, WatchView } from "./namer.ts";
import type { Path } from "./path.ts";
import type { RefusedEntries } from "./refused-entries.ts";
import { SharedVar } from "./shared-sources.ts";
import { WatchBook, type WatchBookContext } from "./watch-book.ts";

/** What a plugin's context has of this. */
export interface GuardedServicesContext extends WatchBookContext {
  readonly clock: Clock;
  readonly random: Random;
  readonly guard: GuardSettings;
}

/**
 * One a namer, which says how each service is asked for and leaves the rest to this:
 *
 *     lookup = (path) => services.tree(path.take(1), path.drop(1), sourceOf(path.elems[0]));
 *     instances = (path) => services.instances(path.take(1), sourceOf(path.elems[0]));
 *     watches = () => services.watches();
 *     release = (path, why) => services.release(path.take(1), why);
 */
export class GuardedServices implements AsyncDisposable {
  /** Of the addresses of all services. */
  readonly #addresses: VarOptions<AddressSet>;
  readonly #scope = new Scope();
  readonly #book: WatchBook;
  readonly #guard: SourceGuard;
  /** What the namer owns beside its services. */
  readonly #owned = new Set<Disposable>();
  readonly #home: GuardedServiceHome;

  constructor(context: GuardedServicesContext) {
    const { clock, random, log, guard } = context;
    this.#addresses = { clock, equals: AddressSet.same };
    this.#book = this.#scope.own(new WatchBook(context));
    this.#guard = this.#scope.own(new SourceGuard(guard, clock, random, log));
    this.#home = { guard: this.#guard, clock, book: this.#book, live: new Map() };
    this.#scope.defer(() => {
      for (const each of this.#home.live.values()) each.end();
      for (const each of this.#owned) each[Symbol.dispose]();
    });
  }

  /** What is believed of the service `id`, which `source` follows while it is observed. */
  service(id: Path, source: ServiceSource): Var<ServiceSnapshot> {
    return new ServiceVar(id, source, this.#home);
  }

  /** A leaf while somebody is there, else `neg`; it stays the same while only addresses move. */
  tree(id: Path, residual: Path, source: ServiceSource): Var<NameTree<Name>> {
    const service = this.service(id, source);
    const addresses = Var.picked(service, inhabitedBy, this.#addresses);
    const bound = leaf<Name>({ kind: "bound", id, addresses, residual });
    return new InhabitedTree(service, bound, this.#home);
  }

  instances(id: Path, source: ServiceSource): Var<readonly Instance[]> {
    return this.service(id, source).map((snapshot) => snapshot.instances, { equals: sameInstances });
  }

  watches(): readonly WatchView[] {
    return this.#book.views();
  }

  /** A full re-list of what many services share found `entries` that differ from what the watches had said. */
  repaired(entries: number): void {
    this.#book.repaired(entries);
  }

  /** For entries of what many services share; those of one service stand in its readings. */
  refusedEntries(): RefusedEntries {
    return this.#book.refusedEntries();
  }

  release(id: Path, why: "ordered" | "unreachable"): boolean {
    return why === "ordered" ? this.#guard.release(id.show) : this.#guard.unreachable(id.show);
  }

  /** Ends `resource` when it is disposed or this is closed, whichever comes first. */
  own(resource: Disposable): Disposable {
    this.#owned.add(resource);
    return {
      [Symbol.dispose]: () => {
        if (this.#owned.delete(resource)) resource[Symbol.dispose]();
      },
    };
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}

/** Whichever service is followed under that id. */
class ServiceVar extends SharedVar<ServiceSnapshot> {
  readonly #id: Path;
  readonly #source: ServiceSource;
  readonly #home: GuardedServiceHome;

  constructor(id: Path, source: ServiceSource, home: GuardedServiceHome) {
    super();
    this.#id = id;
    this.#source = source;
    this.#home = home;
  }

  protected get clock(): Clock {
    return this.#home.clock;
  }

  protected live(): Derivable<ServiceSnapshot> | undefined {
    return this.#home.live.get(this.#id.show);
  }

  protected made(): Derivable<ServiceSnapshot> {
    return new GuardedService(this.#id, this.#source, this.#home);
  }
}

/** The leaf while somebody is there. When that was confirmed its addresses say, and it does not: it would be kept twice. */
class InhabitedTree extends Derived<ServiceSnapshot, NameTree<Name>> {
  readonly #leaf: NameTree<Name>;

  constructor(service: Var<ServiceSnapshot>, bound: NameTree<Name>, home: GuardedServiceHome) {
    super(service, home);
    this.#leaf = bound;
  }

  apply(state: State<ServiceSnapshot>): State<NameTree<Name>> {
    if (state.tag !== "ok") return state;
    const tree = inhabitedBy(state.value) ? this.#leaf : neg;
    return withTrouble(ok(tree), state);
  }
}

const inhabitedBy = ({ addresses }: ServiceSnapshot): AddressSet | undefined =>
  addresses.size > 0 ? addresses : undefined;

const sameInstances = (a: readonly Instance[], b: readonly Instance[]): boolean =>
  JSON.stringify(a) === JSON.stringify(b);
