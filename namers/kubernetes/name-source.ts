/** How one name of Kubernetes is followed and confirmed. */
import type { Clock, ServiceListener, ServiceReading, ServiceSource } from "linkspan/plugin";
import type { Cluster } from "./cluster.ts";
import { readEndpoints } from "./endpoints-reading.ts";
import type { FeedFollower } from "./feed.ts";
import { EndpointsView, IngressView, readIngress } from "./name-views.ts";
import { ALL_NODES } from "./node-entry.ts";
import { type NameView, ServiceFollow, SignMemory } from "./service-follow.ts";
import type { ServiceName } from "./service-name.ts";
import type { Look } from "./service-reading.ts";

/** What all names of a namer share. */
export interface SourceWorld {
  readonly cluster: Cluster;
  /** What a name is bound to. */
  readonly binds: "endpoints" | "ingress";
  /** Whether instances say how they are reached from outside of the cluster. */
  readonly nodePorts: boolean;
  readonly clock: Clock;
}

export class NameSource implements ServiceSource {
  readonly #name: ServiceName;
  readonly #world: SourceWorld;
  readonly #signs = new SignMemory();

  constructor(name: ServiceName, world: SourceWorld) {
    this.#name = name;
    this.#world = world;
  }

  follow(listener: ServiceListener): Disposable {
    return new ServiceFollow(this, listener, this.#world.clock);
  }

  async confirm(signal: AbortSignal): Promise<ServiceReading> {
    return this.#signs.confirming(await this.#lookAgain(signal));
  }

  /** For who follows it: what the guard is told of a look. */
  reading(look: Look): ServiceReading {
    return this.#signs.reading(look);
  }

  /** For who follows it. */
  view(follower: FeedFollower): NameView {
    const name = this.#name;
    const { namespace, service } = name;
    const { groups, entries, nodes } = this.#world.cluster;
    const followEntries = (each: FeedFollower) => entries.follow(namespace, service, each);
    if (this.#world.binds === "ingress") return new IngressView(name, followEntries, follower);
    const followNodes = (each: FeedFollower) => nodes.follow("*", ALL_NODES, each);
    const feeds = {
      groups: (each: FeedFollower) => groups.follow(namespace, service, each),
      entries: followEntries,
      ...(this.#world.nodePorts ? { nodes: followNodes } : {}),
    };
    return new EndpointsView(name, feeds, follower);
  }

  async #lookAgain(signal: AbortSignal): Promise<Look> {
    const { namespace, service, port } = this.#name;
    const { binds, cluster, nodePorts } = this.#world;
    const readEntries = () => cluster.fresh.read(cluster.servicesOf(namespace), service, signal);
    if (binds === "ingress") return readIngress(this.#name, await readEntries());
    const [all, entries, nodes] = await Promise.all([
      cluster.fresh.read(cluster.endpointsOf(namespace), service, signal),
      port.tag === "number" || nodePorts ? readEntries() : undefined,
      nodePorts ? cluster.fresh.read(cluster.nodeResources, undefined, signal) : undefined,
    ]);
    return readEndpoints(this.#name, { all, entry: entries?.[0], nodes });
  }
}
