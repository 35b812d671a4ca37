/** What stands in the way of switching a registry off. */
import type { OtherClients } from "../naming/other-clients.ts";
import type { BoundRoutes } from "../base/bound-routes.ts";
import type { UsageHost, UsedName } from "./usage-book.ts";

/** Of one registry. */
export interface Usage {
  /** Of its namer, such as `/#/io.l5d.curator`. */
  readonly source: string;
  readonly kind: string;
  /** Epoch ms, as all times. */
  readonly at: number;
  readonly since: number;
  readonly countedSince: number;
  readonly names: readonly UsedName[];
  /** Names that had no room. */
  readonly left: number;
  /** Mirrors that read it, and those that write to it. */
  readonly reading: readonly string[];
  readonly writing: readonly string[];
  readonly others: OtherClients;
}

export type BlockKind =
  /** A route has nothing else now. */
  | "only"
  /** It had requests in the time that was asked about. */
  | "used"
  | "mirror"
  /** Somebody else's client. */
  | "client"
  /** What cannot be known, so that nobody can say that it is not in the way. */
  | "unknown";

export interface Block {
  readonly kind: BlockKind;
  readonly name: string;
  readonly about: string;
}

export interface DecommissionPlan {
  readonly source: string;
  readonly at: number;
  readonly since: number;
  readonly blocks: readonly Block[];
}

const MOST_SHOWN = 3;

/** Addresses, with what their certificates showed, and how many more there are. */
export function shownHosts(hosts: readonly UsageHost[], more: number): string {
  const shown = hosts.map(({ address, certificate }) =>
    certificate === undefined ? address : `${address} (${certificate})`,
  );
  return [...shown, ...(more > 0 ? [`${more} more`] : [])].join(", ");
}

/** `isOf` says whether a bound id is the source's. */
export function decommissionPlan(
  usage: Usage,
  routers: readonly BoundRoutes[],
  isOf: (id: string) => boolean,
): DecommissionPlan {
  const { source, at, since, countedSince, others } = usage;
  const blocks: Block[] = [];
  for (const { label, routes } of routers) {
    for (const { name, clusters } of routes) {
      if (clusters.length > 0 && clusters.every(isOf)) {
        blocks.push({
          kind: "only",
          name,
          about: `the router ${label} has it from ${clusters.join(", ")} and nowhere else`,
        });
      }
    }
  }
  for (const { id, requests, callers, hosts } of usage.names) {
    if (requests === 0) continue;
    const by = callers.map(({ router, name }) => `${name} of ${router}`).join(", ");
    const from = shownHosts(hosts.slice(0, MOST_SHOWN), hosts.length - MOST_SHOWN);
    const about = [
      `${requests} requests`,
      ...(by === "" ? [] : [`by ${by}`]),
      ...(from === "" ? [] : [`from ${from}`]),
    ];
    blocks.push({ kind: "used", name: id, about: about.join(" ") });
  }
  for (const name of usage.reading) blocks.push({ kind: "mirror", name, about: "reads it" });
  for (const name of usage.writing) blocks.push({ kind: "mirror", name, about: "writes to it" });
  for (const { address, watches, example } of others.clients) {
    blocks.push({ kind: "client", name: address, about: `watches ${watches} of its nodes, such as ${example}` });
  }
  for (const about of others.unknown) blocks.push({ kind: "unknown", name: "other clients", about });
  if (countedSince > since) {
    const about = `nothing was counted before ${new Date(countedSince).toISOString()}`;
    blocks.push({ kind: "unknown", name: "usage", about });
  }
  return { source, at, since, blocks };
}
