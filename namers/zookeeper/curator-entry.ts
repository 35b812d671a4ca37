/** Instances as Curator itself would register them: nine fields in its order, and nothing that its readers stumble over. */
import { type Instance, readMark, showMark } from "linkspan/plugin";
import { readCuratorInstance } from "./curator-instance.ts";
import type { EntryFormat, Surroundings } from "./entry-format.ts";
import { isPort } from "./host-text.ts";
import { EntryRefused } from "./kept-entry.ts";

/** For all services. The id, which is the node's name, is the mark: there is no field for it that every reader takes. */
export const curatorEntries: EntryFormat = {
  isSequential: false,
  isMarkedByName: true,
  parents: "container",
  wants: () => true,
  nameOf: showMark,
  markIn: readMark,
  read(data, name) {
    const text = new TextDecoder().decode(data);
    const mark = readMark(name);
    return { instance: readCuratorInstance(text, name), ...(mark ? { mark } : {}) };
  },
  write(instance, mark, around) {
    const { port, tlsPort, host, ready } = instance;
    if (!ready) throw new EntryRefused("Curator's entries have no word for an instance that is not ready");
    if (host === "") throw new EntryRefused("it has no address");
    if (!isPortOrNone(port) || !isPortOrNone(tlsPort)) throw new EntryRefused("its port is none");
    if (port === undefined && tlsPort === undefined) throw new EntryRefused("it has no port");
    return JSON.stringify({
      name: around.place.slice(around.place.lastIndexOf("/") + 1),
      id: showMark(mark),
      address: host,
      port: port ?? null,
      sslPort: tlsPort ?? null,
      payload: payloadOf(instance, around),
      registrationTimeUTC: around.registeredAt,
      serviceType: "DYNAMIC",
      uriSpec: uriSpecOf(instance, around),
    });
  },
};

const isPortOrNone = (port: number | undefined): boolean => port === undefined || isPort(port);

/** One payload that a reader cannot make an object of, and it reads nothing of the service any more. */
function payloadOf({ payload }: Instance, { siblings }: Surroundings): unknown {
  if (payload === undefined || payload === null) return null;
  const type = typeIn(payload);
  if (type === undefined) throw new EntryRefused("its payload does not say its Java class in `@class`");
  if (siblings.length > 0 && !siblings.some((sibling) => typeIn(sibling.payload) === type)) {
    throw new EntryRefused(`its payload is of ${type}, which is no class of those that are registered there`);
  }
  return payload;
}

/** What Jackson would make of it; `undefined` where it would fail, and for no payload. */
function typeIn(payload: unknown): string | undefined {
  if (payload === undefined || payload === null) return undefined;
  if (typeof payload !== "object") return `a ${typeof payload}`;
  const said: unknown = Array.isArray(payload)
    ? payload.length === 2 && payload[0]
    : (payload as Readonly<Record<string, unknown>>)["@class"];
  return typeof said === "string" ? said : undefined;
}

/** Callers make URLs of it, so whoever stands beside instances that have one has one too. */
function uriSpecOf({ meta }: Instance, { siblings }: Surroundings): unknown {
  const said =
    meta?.["uriSpec"] ?? siblings.find((sibling) => sibling.meta?.["uriSpec"] !== undefined)?.meta?.["uriSpec"];
  if (said === undefined) return null;
  try {
    const spec: unknown = JSON.parse(said);
    if (typeof spec === "string" || isParts(spec)) return spec;
  } catch {
    // Said below.
  }
  throw new EntryRefused("its `uriSpec` is no template of a URI");
}

function isParts(spec: unknown): boolean {
  if (typeof spec !== "object" || spec === null || !("parts" in spec) || !Array.isArray(spec.parts)) return false;
  return Object.keys(spec).length === 1 && spec.parts.every(isPart);
}

function isPart(part: unknown): boolean {
  if (typeof part !== "object" || part === null || Object.keys(part).length !== 2) return false;
  return "value" in part && typeof part.value === "string" && "variable" in part && typeof part.variable === "boolean";
}
