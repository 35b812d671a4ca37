/** From what a file says of a mirror to what the mirror is made of. */
import type { AddressPolicy, MirrorParts, Placed, Probe } from "./bridge/mirror-parts.ts";
import type { MirrorRules, PayloadRule } from "./bridge/mirror-rules.ts";
import type { AdvertisedAddress } from "./advertised-address.ts";
import type { Dialer } from "./base/dialer.ts";
import type { Instance, Origin } from "./base/instance.ts";
import type { MirrorConfig, NamerConfig } from "./config/config.ts";
import type { Announcer } from "./naming/announcer.ts";
import type { Namer } from "./naming/namer.ts";
import { Path } from "./naming/path.ts";
import type { World } from "./naming-root.ts";

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
  const probe = probeOf(mirror, world.dial);
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

/** The namer that a mirror reads: the longest prefix that its path begins with, of two alike the later. */
export function sourceOf<T extends { readonly prefix: Path }>(from: Path, namers: readonly T[]): T | undefined {
  const name = from.drop(1);
  let best: T | undefined;
  for (const each of namers) {
    if (name.startsWith(each.prefix) && each.prefix.size >= (best?.prefix.size ?? 0)) best = each;
  }
  return best;
}

/** Registries are told apart by the names that the file gives them: daemons that share a mirror share these. */
function originOf({ kind, prefix }: NamerConfig): Origin {
  return { registry: kind.replace(/^io\.l5d\./, ""), cluster: prefix.show.slice(1) };
}

function rulesOf(mirror: MirrorConfig): Partial<MirrorRules> {
  const { publish, force, interval, cycles, deleteCap, minAge, writesPerSecond } = mirror;
  return {
    publish,
    payload: payloadOf(mirror),
    force,
    cycleMs: interval,
    cycles,
    deletionShare: deleteCap,
    settleMs: minAge,
    writesPerSecond,
  };
}

function payloadOf({ payload }: MirrorConfig): PayloadRule {
  return typeof payload === "string" ? { kind: payload } : { kind: "template", template: payload.template };
}

function probeOf({ probe }: MirrorConfig, dial: Dialer): Probe | undefined {
  if (probe === false) return undefined;
  const timeoutMs = probe === true ? 1_000 : probe.timeout;
  return async (host, port, signal) => {
    const stream = await dial.connect(host, port, { timeoutMs }, signal);
    stream.on("error", () => undefined);
    stream.destroy();
  };
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
  label === undefined ? "no server of this process listens" : `no server of the router ${label} listens here`;

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
