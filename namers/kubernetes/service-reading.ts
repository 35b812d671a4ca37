/** Makes of a Service's endpoints, and of the port that is wanted, who is to be called. */
import type { Condition, Endpoint, Member } from "./endpoint.ts";
import type { EndpointGroup } from "./endpoint-group.ts";
import type { NodeEntry } from "./node-entry.ts";
import type { ServiceEntry } from "./service-entry.ts";
import { onlyPort, type WantedPort } from "./wanted-port.ts";

/** One look at a Service. */
export interface Look {
  readonly members: ReadonlyMap<string, Member> | undefined;
  /** Who is there and not to be called: that is a sign. */
  readonly withdrawn: readonly Member[];
}

/** What is known of one Service. */
export interface ServiceFacts {
  /** `NAMESPACE/SERVICE`, for people. */
  readonly shown: string;
  readonly groups: readonly EndpointGroup[];
  /** Asked only where a port is wanted by its number, or that of the nodes. */
  readonly entry?: ServiceEntry | undefined;
  /** Asked only where it is to be said how endpoints are reached from outside of the cluster. */
  readonly nodes?: readonly NodeEntry[] | undefined;
}

const RANK: Readonly<Record<Condition, number>> = { ready: 2, leaving: 1, out: 0 };

/** Throws an Error that says so where it is not clear which port is wanted. */
export function readService(facts: ServiceFacts, wanted: WantedPort): Look {
  const portIn = portChoice(facts, wanted);
  const outsideOf = outsideIn(facts, wanted);
  const best = new Map<string, Member>();
  for (const group of portIn ? facts.groups : []) {
    const port = portIn?.(group);
    if (port === undefined) continue;
    for (const endpoint of group.endpoints) {
      const member = endpoint.at(port, outsideOf?.(endpoint));
      const known = best.get(member.id);
      if (!known || isBetter(endpoint, known.endpoint)) best.set(member.id, member);
    }
  }
  const { members, withdrawn } = chosen([...best.values()]);
  return { members: facts.groups.length > 0 ? members : undefined, withdrawn };
}

/** Like kube-proxy: those that are ready or, when there are none, those that are leaving and still serve. */
export function chosen(all: readonly Member[]): Look & { readonly members: ReadonlyMap<string, Member> } {
  const ready = all.filter(({ endpoint }) => endpoint.condition === "ready");
  const wanted: Condition = ready.length > 0 ? "ready" : "leaving";
  const members = new Map<string, Member>();
  const withdrawn: Member[] = [];
  for (const member of all) {
    if (member.endpoint.condition === wanted) members.set(member.id, member);
    else withdrawn.push(member);
  }
  return { members, withdrawn };
}

/** While an endpoint moves it is in two slices, one of which may be late; and a pod may have two families. */
function isBetter(a: Endpoint, b: Endpoint): boolean {
  if (a.condition !== b.condition) return RANK[a.condition] > RANK[b.condition];
  return !a.host.includes(":") && b.host.includes(":");
}

/** Where an endpoint is reached by the port of its node; `undefined` where the Service has none. */
function outsideIn(
  { entry, nodes, groups, shown }: ServiceFacts,
  wanted: WantedPort,
): ((endpoint: Endpoint) => string | undefined) | undefined {
  if (!nodes || !entry) return undefined;
  const names = groups.flatMap(({ ports }) => ports.map(({ name }) => name));
  const name = wanted.tag === "only" ? onlyPort(names, wanted.name, shown) : wanted.tag === "name" ? wanted.name : "";
  const port = entry.ports.find((each) => (wanted.tag === "number" ? each.port === wanted.number : each.name === name));
  if (port?.nodePort === undefined) return undefined;
  const hosts = new Map(nodes.map((each) => [each.name, each.host]));
  return ({ spot }) => {
    const host = hosts.get(spot?.nodeName ?? "");
    return host && `${host.includes(":") ? `[${host}]` : host}:${port.nodePort}`;
  };
}

type PortChoice = (group: EndpointGroup) => number | undefined;

/** `undefined` where the Service has no such port. */
function portChoice(facts: ServiceFacts, wanted: WantedPort): PortChoice | undefined {
  switch (wanted.tag) {
    case "name":
      return byName(wanted.name);
    case "number":
      return byNumber(facts, wanted.number);
    case "only": {
      const names = facts.groups.flatMap(({ ports }) => ports.map(({ name }) => name));
      const name = onlyPort(names, wanted.name, facts.shown);
      return name === undefined ? undefined : byName(name);
    }
  }
}

const byName =
  (name: string): PortChoice =>
  ({ ports }) =>
    ports.find((port) => port.name === name)?.port;

/** A port of the Service leads to a port of each pod; its endpoints bear the name of the Service's port. */
function byNumber({ entry, groups }: ServiceFacts, number: number): PortChoice | undefined {
  const port = entry?.ports.find((each) => each.port === number);
  if (!entry || !port) return undefined;
  const { targetPort } = port;
  if (entry.hasSelector && typeof targetPort === "number") return () => targetPort;
  const isNamed = groups.some(({ ports }) => ports.some(({ name }) => name === port.name));
  if (isNamed) return byName(port.name);
  return typeof targetPort === "string" ? byName(targetPort) : () => targetPort;
}
