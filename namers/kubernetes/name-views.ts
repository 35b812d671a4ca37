/** What a name's watch reads of the feeds: the endpoints of a Service, or its load balancers. */
import { Endpoint } from "./endpoint.ts";
import type { ServiceGroups } from "./endpoint-group.ts";
import { isChosen, readEndpoints, shownOf } from "./endpoints-reading.ts";
import type { FeedFollower } from "./feed.ts";
import type { Followed } from "./feeds.ts";
import { ALL_NODES, type NodeEntry } from "./node-entry.ts";
import type { ServiceEntry } from "./service-entry.ts";
import type { ServiceName } from "./service-name.ts";
import { chosen, type Look } from "./service-reading.ts";
import type { NameView } from "./service-follow.ts";
import { onlyPort } from "./wanted-port.ts";

export interface EndpointFeeds {
  groups(follower: FeedFollower): Followed<ServiceGroups>;
  entries(follower: FeedFollower): Followed<ServiceEntry>;
  /** Where it is to be said how endpoints are reached from outside of the cluster. */
  nodes?(follower: FeedFollower): Followed<NodeEntry>;
}

/** The Service itself is followed only where its port is wanted by number, or its nodes' port: that is written nowhere else. */
export class EndpointsView implements NameView {
  readonly #name: ServiceName;
  readonly #groups: Followed<ServiceGroups>;
  readonly #entries: Followed<ServiceEntry> | undefined;
  readonly #nodes: Followed<NodeEntry> | undefined;

  constructor(name: ServiceName, feeds: EndpointFeeds, follower: FeedFollower) {
    this.#name = name;
    this.#groups = feeds.groups(follower);
    this.#entries = name.port.tag === "number" || feeds.nodes ? feeds.entries(follower) : undefined;
    this.#nodes = feeds.nodes?.(follower);
  }

  get trouble(): Error | undefined {
    return this.#groups.feed.trouble ?? this.#entries?.feed.trouble ?? this.#nodes?.feed.trouble;
  }

  read(): Look | undefined {
    const { service } = this.#name;
    const feeds = [this.#groups.feed, this.#entries?.feed, this.#nodes?.feed];
    if (feeds.some((feed) => feed?.isKnown === false)) return undefined;
    const nodes = this.#nodes?.feed.of(ALL_NODES);
    const entry = this.#entries?.feed.of(service)[0];
    return readEndpoints(this.#name, { all: this.#groups.feed.of(service), entry, nodes });
  }

  [Symbol.dispose](): void {
    this.#groups[Symbol.dispose]();
    this.#entries?.[Symbol.dispose]();
    this.#nodes?.[Symbol.dispose]();
  }
}

export class IngressView implements NameView {
  readonly #name: ServiceName;
  readonly #entries: Followed<ServiceEntry>;

  constructor(name: ServiceName, entries: (follower: FeedFollower) => Followed<ServiceEntry>, follower: FeedFollower) {
    this.#name = name;
    this.#entries = entries(follower);
  }

  get trouble(): Error | undefined {
    return this.#entries.feed.trouble;
  }

  read(): Look | undefined {
    const { feed } = this.#entries;
    return feed.isKnown ? readIngress(this.#name, feed.of(this.#name.service)) : undefined;
  }

  [Symbol.dispose](): void {
    this.#entries[Symbol.dispose]();
  }
}

/** Every host of its load balancers, at the port of the Service. */
export function readIngress(name: ServiceName, entries: readonly ServiceEntry[]): Look {
  const entry = entries.find(({ label }) => isChosen(name, label));
  if (!entry) return { members: undefined, withdrawn: [] };
  const port = portOf(name, entry);
  const hosts = port === undefined ? [] : entry.ingress;
  return chosen(hosts.map((host) => ingressAt(host).at(port ?? 0)));
}

function portOf(name: ServiceName, { ports }: ServiceEntry): number | undefined {
  const { port } = name;
  if (port.tag === "number") return ports.find((each) => each.port === port.number)?.port;
  const names = ports.map((each) => each.name);
  const wanted = port.tag === "only" ? onlyPort(names, port.name, shownOf(name)) : port.name;
  return ports.find((each) => each.name === wanted)?.port;
}

const ingressAt = (host: string): Endpoint =>
  new Endpoint({ host, condition: "ready", uid: undefined, pod: undefined, spot: undefined, hints: undefined });
