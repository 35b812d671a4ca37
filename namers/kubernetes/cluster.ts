/** What all names of one namer share: one access, one watch a namespace, and what is told of both. */
import { type PluginContext, type RefusedEntries, Scope } from "linkspan/plugin";
import type { ApiAccess, OpenAccess } from "./api-access.ts";
import { endpointsIn, endpointSlicesIn, NODES, servicesIn } from "./api-place.ts";
import { Spots } from "./endpoint.ts";
import { EndpointsKeeper, type ServiceGroups, SliceKeeper } from "./endpoint-group.ts";
import type { FeedEvents } from "./feed.ts";
import { Feeds } from "./feeds.ts";
import { FreshReader } from "./fresh-reader.ts";
import { type NodeEntry, NodeKeeper } from "./node-entry.ts";
import type { Keeper, Resource } from "./object-store.ts";
import { Reflector, type ReflectorListener, type ReflectorOptions, type ReflectorTimes } from "./reflector.ts";
import { type ServiceEntry, ServiceKeeper } from "./service-entry.ts";
import { Turns } from "./turns.ts";

/** Lists that are read at the same time: more would only take longer, each of them. */
const LISTS_AT_ONCE = 4;
const MOST_TRUNCATED_TOLD = 100;
const TELL_EXPIRED_EVERY_MS = 60_000;

export interface ClusterOptions {
  readonly open: OpenAccess;
  /** Whose value names choose Services by. */
  readonly labelKey: string | undefined;
  readonly times?: ReflectorTimes;
  readonly refused: RefusedEntries;
  /** So much had to be set right by a full re-list. */
  repaired(entries: number): void;
}

export class Cluster implements AsyncDisposable, FeedEvents {
  readonly access: ApiAccess;
  readonly fresh: FreshReader;
  readonly groups: Feeds<ServiceGroups>;
  readonly entries: Feeds<ServiceEntry>;
  /** Of the whole cluster, whatever namespace is said. */
  readonly nodes: Feeds<NodeEntry>;
  readonly #context: PluginContext;
  readonly #keepers: readonly [slices: Keeper<ServiceGroups>, endpoints: Keeper<ServiceGroups>];
  readonly #entryKeeper: Keeper<ServiceEntry>;
  readonly #nodeKeeper = new NodeKeeper();
  readonly #scope = new Scope();
  readonly #shared: Omit<ReflectorOptions<never>, "resources" | "listener">;
  readonly #tellRepaired: (entries: number) => void;
  readonly #refused: RefusedEntries;
  readonly #truncatedTold = new Set<string>();
  #expiredTold = -Infinity;

  constructor(options: ClusterOptions, context: PluginContext) {
    this.#context = context;
    this.#tellRepaired = options.repaired;
    this.#refused = options.refused;
    this.access = this.#scope.own(options.open());
    this.fresh = this.#scope.own(new FreshReader(options.open, context.clock));
    const spots = new Spots();
    const truncated = (service: string): void => this.#truncated(service);
    this.#keepers = [new SliceKeeper(options.labelKey, spots), new EndpointsKeeper(options.labelKey, spots, truncated)];
    this.#entryKeeper = new ServiceKeeper(options.labelKey);
    const { clock, random } = context;
    const times = options.times ? { times: options.times } : {};
    this.#shared = { access: this.access, turns: new Turns(LISTS_AT_ONCE), clock, random, ...times };
    const shared = { ...this.#shared, events: this };
    this.groups = this.#scope.own(
      new Feeds<ServiceGroups>({ ...shared, resourcesIn: (namespace) => this.endpointsOf(namespace) }),
    );
    this.entries = this.#scope.own(
      new Feeds<ServiceEntry>({ ...shared, resourcesIn: (namespace) => this.servicesOf(namespace) }),
    );
    this.nodes = this.#scope.own(new Feeds<NodeEntry>({ ...shared, resourcesIn: () => this.nodeResources }));
  }

  get nodeResources(): readonly Resource<NodeEntry>[] {
    return [resource(NODES, this.#nodeKeeper)];
  }

  /** EndpointSlices; Endpoints where an API server has none. */
  endpointsOf(namespace: string): readonly Resource<ServiceGroups>[] {
    const [slices, endpoints] = this.#keepers;
    return [resource(endpointSlicesIn(namespace), slices), resource(endpointsIn(namespace), endpoints)];
  }

  servicesOf(namespace: string): readonly Resource<ServiceEntry>[] {
    return [resource(servicesIn(namespace), this.#entryKeeper)];
  }

  /** Follows objects beside the feeds, until it is disposed. */
  reflect<T>(resources: readonly Resource<T>[], listener: ReflectorListener<T>): Disposable {
    return new Reflector<T>({ ...this.#shared, resources, listener });
  }

  /**
   * Lists everything that is watched again, now. Resolves with how much had to be set right; `undefined` when not all
   * of it was soundly watched for all the time.
   */
  async resync(): Promise<number | undefined> {
    const repairs = (await Promise.all([this.groups, this.entries, this.nodes].map((each) => each.resync()))).flat();
    return repairs.reduce<number | undefined>(
      (sum, count) => (sum === undefined || count === undefined ? undefined : sum + count),
      0,
    );
  }

  unreadable(key: string, why: Error): void {
    this.#refused.refuse(key, why.message);
  }

  readable(key: string): void {
    this.#refused.accept(key);
  }

  expired(): void {
    const { clock, log } = this.#context;
    const isNews = clock.now() - this.#expiredTold >= TELL_EXPIRED_EVERY_MS;
    if (isNews) this.#expiredTold = clock.now();
    const fields = { server: this.access.shown };
    if (isNews) log.info("kubernetes.expired", fields);
    else log.debug("kubernetes.expired", fields);
  }

  repaired(count: number): void {
    this.#tellRepaired(count);
    this.#context.log.warn("kubernetes.repaired", { server: this.access.shown, count });
  }

  #truncated(service: string): void {
    if (this.#truncatedTold.has(service) || this.#truncatedTold.size >= MOST_TRUNCATED_TOLD) return;
    this.#truncatedTold.add(service);
    this.#context.log.warn("kubernetes.truncated", { server: this.access.shown, service });
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }
}

function resource<T>(place: Resource<T>["place"], keeper: Keeper<T>): Resource<T> {
  return { place, keep: (object) => keeper.keep(object), isSame: (a, b) => keeper.isSame(a, b) };
}
