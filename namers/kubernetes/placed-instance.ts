/** Where an instance goes: the slice's shape and its endpoint there, or why it can stand in none. */
import { isIP, isIPv4 } from "node:net";
import type { Instance, Resolver } from "linkspan/plugin";
import type { PortRule } from "./announced-service.ts";
import type { SliceEntry, SliceShape } from "./announced-slice.ts";
import { MOST_MARK_CHARS } from "./slice-marks.ts";

export interface PlacedInstance {
  readonly shape: SliceShape;
  readonly entry: SliceEntry;
}

/** Why the API server would not take it, or nobody could call it, in one sentence. */
export interface Unplaceable {
  readonly tag: "refused" | "failed";
  readonly cause: string;
}

/** Resolves its host, where that is a name. Never rejects. */
export async function findPlace(
  instance: Instance,
  ports: readonly PortRule[],
  resolve: Resolver,
  signal: AbortSignal,
): Promise<PlacedInstance | Unplaceable> {
  if (isIP(instance.host) !== 0) return placeAt(instance, ports, instance.host);
  try {
    return placeAt(instance, ports, await resolveHost(instance.host, resolve, signal));
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error);
    return { tag: "failed", cause: `${shown(instance.id)}: its host ${instance.host} could not be resolved: ${why}` };
  }
}

/** `address` is what the host is, where that is a name. */
export function placeAt(instance: Instance, ports: readonly PortRule[], address: string): PlacedInstance | Unplaceable {
  const { id, host, ready, zone, origin } = instance;
  const reason = markProblem(id, host) ?? addressProblem(address);
  if (reason !== undefined) return { tag: "refused", cause: `${shown(id)}: ${reason}` };
  const slicePorts = ports.flatMap((rule) => {
    const port = instance[rule.from];
    return port === undefined ? [] : [{ name: rule.name, port }];
  });
  if (slicePorts.length === 0) return { tag: "refused", cause: `${id}: it has no port that is announced` };
  const named = address === host ? {} : { host };
  return {
    shape: { family: isIPv4(address) ? "IPv4" : "IPv6", ports: slicePorts, origin },
    entry: { id, address, ...named, ready, ...(zone === undefined ? {} : { zone }) },
  };
}

/** Slices of names would be seen by nobody: neither kube-proxy nor DNS serves them. */
async function resolveHost(host: string, resolve: Resolver, signal: AbortSignal): Promise<string> {
  const { addresses } = await resolve.addresses(host, signal);
  const sorted = [...addresses].sort();
  const address = sorted.find((each) => isIPv4(each)) ?? sorted[0];
  if (address === undefined) throw new Error(`${host} has no address`);
  return address;
}

const MOST_SHOWN = 64;

const shown = (id: string): string => (id.length > MOST_SHOWN ? `${id.slice(0, MOST_SHOWN)}...` : id);

function markProblem(id: string, host: string): string | undefined {
  if (id === "") return "it has no id";
  if (id.length > MOST_MARK_CHARS) return `its id has more than ${MOST_MARK_CHARS} letters`;
  return host.length > MOST_MARK_CHARS ? `its host has more than ${MOST_MARK_CHARS} letters` : undefined;
}

/** As `ValidateNonSpecialIP` of the API server has it. */
function addressProblem(address: string): string | undefined {
  const family = isIP(address);
  if (family === 0) return `its host ${address} is no address`;
  const special = family === 4 ? SPECIAL_V4 : SPECIAL_V6;
  const found = special.find(([form]) => form.test(address));
  return found && `its address ${address} is ${found[1]}, which no EndpointSlice may have`;
}

const SPECIAL_V4: readonly (readonly [RegExp, string])[] = [
  [/^0\.0\.0\.0$/, "unspecified"],
  [/^127\./, "of the loopback"],
  [/^169\.254\./, "link-local"],
  [/^224\.0\.0\./, "link-local multicast"],
];
const SPECIAL_V6: readonly (readonly [RegExp, string])[] = [
  [/^[0:]*:0*$/, "unspecified"],
  [/^[0:]*:0*1$/, "of the loopback"],
  [/^fe[89ab][0-9a-f]:/i, "link-local"],
  [/^ff[0-9a-f]2:/i, "link-local multicast"],
];
