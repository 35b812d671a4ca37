/** Names in Kubernetes: `NAMESPACE/PORT/SERVICE`, bound to the endpoints of the Service or to its load balancers. */
import {
  GuardedServices,
  type Instance,
  type Name,
  type NameTree,
  type Namer,
  neg,
  type Path,
  type PluginContext,
  Scope,
  type ServiceSource,
  Var,
  type WatchView,
} from "linkspan/plugin";
import type { OpenAccess } from "./api-access.ts";
import { Cluster } from "./cluster.ts";
import type { FeedFollower } from "./feed.ts";
import { EndpointsView, IngressView, readEndpoints, readIngress } from "./name-views.ts";
import type { ReflectorTimes } from "./reflector.ts";
import { type NameView, ServiceFollow, SignMemory } from "./service-follow.ts";
import { type ServiceName, serviceName } from "./service-name.ts";
import type { Look } from "./service-reading.ts";

export interface ServiceNamerOptions {
  /** What a name is bound to. */
  readonly binds: "endpoints" | "ingress";
  readonly open: OpenAccess;
  /** Of all names; paths begin with their namespace where it is not said. */
  readonly namespace?: string | undefined;
  /** The key of a label whose value paths have behind the Service. */
  readonly labelSelector?: string | undefined;
  readonly times?: ReflectorTimes;
}

/** One watch a namespace, however many names of it are observed. */
export class ServiceNamer implements Namer {
  readonly #options: ServiceNamerOptions;
  readonly #context: PluginContext;
  readonly #scope = new Scope();
  readonly #cluster: Cluster;
  readonly #services: GuardedServices;

  /** Connects when a name is first observed. */
  constructor(options: ServiceNamerOptions, context: PluginContext) {
    this.#options = options;
    this.#context = context;
    this.#services = this.#scope.own(new GuardedServices(context));
    const repaired = (entries: number): void => this.#services.repaired(entries);
    const told = { repaired, refused: this.#services.refusedEntries() };
    this.#cluster = this.#scope.own(new Cluster({ ...options, labelKey: options.labelSelector, ...told }, context));
  }

  lookup(path: Path): Var<NameTree<Name>> {
    const name = this.#nameOf(path);
    if (!name) return Var.of<NameTree<Name>>(neg);
    return this.#services.tree(name.id, name.residual, this.#sourceOf(name));
  }

  instances(path: Path): Var<readonly Instance[]> {
    const name = this.#nameOf(path);
    return name ? this.#services.instances(name.id, this.#sourceOf(name)) : Var.of<readonly Instance[]>([]);
  }

  watches(): readonly WatchView[] {
    return this.#services.watches();
  }

  release(path: Path, why: "ordered" | "unreachable"): boolean {
    const name = this.#nameOf(path);
    return name !== undefined && this.#services.release(name.id, why);
  }

  /** Lists everything that is watched again, now: how much had to be set right; `undefined` where that was not clear. */
  resync(): Promise<number | undefined> {
    return this.#cluster.resync();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Before what they follow.
    await this.#services[Symbol.asyncDispose]();
    await this.#scope.close();
  }

  #nameOf(path: Path): ServiceName | undefined {
    const { binds, namespace, labelSelector } = this.#options;
    return serviceName(path, { namespace, hasLabel: labelSelector !== undefined, keepsCase: binds === "ingress" });
  }

  #sourceOf(name: ServiceName): ServiceSource {
    const signs = new SignMemory();
    const { clock } = this.#context;
    return {
      follow: (listener) =>
        new ServiceFollow({ listener, clock, signs, open: (follower) => this.#view(name, follower) }),
      confirm: async (signal) => signs.confirming(await this.#lookAgain(name, signal)),
    };
  }

  #view(name: ServiceName, follower: FeedFollower): NameView {
    const { namespace, service } = name;
    const { groups, entries } = this.#cluster;
    const followEntries = (each: FeedFollower) => entries.follow(namespace, service, each);
    if (this.#options.binds === "ingress") return new IngressView(name, followEntries, follower);
    const feeds = { groups: (each: FeedFollower) => groups.follow(namespace, service, each), entries: followEntries };
    return new EndpointsView(name, feeds, follower);
  }

  async #lookAgain(name: ServiceName, signal: AbortSignal): Promise<Look> {
    const { namespace, service, port } = name;
    const cluster = this.#cluster;
    const readEntries = () => cluster.fresh.read(cluster.servicesOf(namespace), service, signal);
    if (this.#options.binds === "ingress") return readIngress(name, await readEntries());
    const [groups, entries] = await Promise.all([
      cluster.fresh.read(cluster.endpointsOf(namespace), service, signal),
      port.tag === "number" ? readEntries() : undefined,
    ]);
    return readEndpoints(name, groups, entries);
  }
}
