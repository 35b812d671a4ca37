/** From what a file says of a mirror to what the mirror is made of. */
import type { AddressPolicy, MirrorParts, Placed } from "./bridge/mirror-parts.ts";
import type { MirrorRules, PayloadRule } from "./bridge/mirror-rules.ts";
import type { AdvertisedAddress } from "./advertised-address.ts";
import type { Instance, Origin } from "./base/instance.ts";
import type { MirrorConfig, NamerConfig } from "./config/config.ts";
import { PluginNotCreated } from "./config/create-plugin.ts";
import { mirrorProbe } from "./mirror-probe.ts";
import type { Announcer } from "./naming/announcer.ts";
import type { Namer } from "./naming/namer.ts";
import { Path } from "./naming/path.ts";
import type { OpenNamer, World } from "./naming-root.ts";

export interface MirrorLinks {
  readonly source: NamerConfig;
  readonly namer: Namer;
  readonly announcer: Announcer;
  /** Of this daemon, as long as it runs with this configuration. */
  readonly member: string;
  /** Where the router that the file names can be called; `undefined` where no server of it runs here. */
  readonly gateway: AdvertisedAddress | undefined;
  readonly world: World;
}

/** One mirror, wherever it runs: in a daemon, or for one command. */
export function mirrorParts(mirror: MirrorConfig, links: MirrorLinks): MirrorParts {
  const { source, namer, announcer, member, world } = links;
  const { clock, random, metrics } = world;
  const address = addressPolicy(mirror, links);
  const probe = mirrorProbe(mirror, world);
  return {
    name: mirror.name,
    source: { namer, path: mirror.from.drop(source.prefix.size + 1), origin: originOf(source) },
    announcer,
    target: Path.empty,
    owner: { group: mirror.name, member },
    rules: rulesOf(mirror),
    ...(address === undefined ? {} : { address }),
    ...(probe === undefined ? {} : { probe }),
    clock,
    random,
    log: world.log.with({ mirror: mirror.name }),
    metrics,
  };
}

/** Throws PluginNotCreated where the namer cannot list what the mirror publishes, of a kind that does not say so before. */
export function assertLists({ name, from }: MirrorConfig, { kind, namer }: Pick<OpenNamer, "kind" | "namer">): void {
  const missing =
    namer.instances === undefined ? "instances" : namer.names === undefined && from.elems.includes("*") ? "names" : "";
  if (missing === "") return;
  throw new PluginNotCreated(`the mirror ${name} cannot be opened: ${kind} cannot list ${missing}`);
}

/** Registries are told apart by the names that the file gives them: daemons that share a mirror share these. */
function originOf({ kind, prefix }: NamerConfig): Origin {
  return { registry: kind.replace(/^io\.l5d\./, ""), cluster: prefix.show.slice(1) };
}

function rulesOf(mirror: MirrorConfig): Partial<MirrorRules> {
  const { publish, force, interval, cycles, deleteCap, minAge, audit, writesPerSecond } = mirror;
  return {
    publish,
    payload: payloadOf(mirror),
    force,
    cycleMs: interval,
    cycles,
    deletionShare: deleteCap,
    settleMs: minAge,
    auditMs: audit,
    writesPerSecond,
  };
}

function payloadOf({ payload }: MirrorConfig): PayloadRule {
  return typeof payload === "string" ? { kind: payload } : { kind: "template", template: payload.template };
}

function addressPolicy({ address, gateway: label }: MirrorConfig, { source, gateway }: MirrorLinks) {
  if (address === "pod") return undefined;
  if (address === "gateway") {
    return gateway === undefined ? nowhere(noServer(label)) : throughGateway(gateway);
  }
  // That namer gives what a load balancer is called at.
  if (address === "loadBalancer" && source.kind === "io.l5d.k8s.external") return undefined;
  return byMeta(address);
}

const noServer = (label: string | undefined): string =>
  `${label === undefined ? "no server" : `no server of the router ${label}`} listens at a port that is known here`;

const nowhere =
  (cause: string): AddressPolicy =>
  (instances) => ({ instances: [], unplaced: instances.map(({ id }) => ({ id, cause })) });

/** Many become one, which is ready while one of them is. */
const throughGateway =
  ({ host, port }: AdvertisedAddress): AddressPolicy =>
  (instances) => {
    if (instances.length === 0) return { instances: [], unplaced: [] };
    const ready = instances.some((each) => each.ready);
    return { instances: [{ id: "gateway", host, port, weight: 1, ready }], unplaced: [] };
  };

/** Where the source says by what else an instance can be called, as `HOST:PORT`. */
function byMeta(key: "nodePort" | "loadBalancer"): AddressPolicy {
  return (instances): Placed => {
    const placed: Instance[] = [];
    const unplaced: { readonly id: string; readonly cause: string }[] = [];
    for (const instance of instances) {
      const [, host, port] = /^\[?(.+?)\]?:(\d+)$/.exec(instance.meta?.[key] ?? "") ?? [];
      const { tlsPort: _, ...rest } = instance;
      if (host !== undefined) placed.push({ ...rest, host, port: Number(port) });
      else unplaced.push({ id: instance.id, cause: `its registry does not say its ${key}` });
    }
    return { instances: placed, unplaced };
  };
}
