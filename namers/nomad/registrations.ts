/** What Nomad says of services, as data. */
import { addressKey, type ServiceMember } from "linkspan/plugin";

export interface Registrations {
  /** By the id of the registration. */
  readonly members: ReadonlyMap<string, ServiceMember>;
  /** Why an entry cannot be called, by its id or place. */
  readonly refused: ReadonlyMap<string, string>;
}

/** Of `GET /v1/service/NAME`: those that have all of `tags`. Throws where it is no list. */
export function readRegistrations(value: unknown, tags: readonly string[]): Registrations {
  if (!Array.isArray(value)) throw new Error("Nomad's answer is not a list of registrations");
  const members = new Map<string, ServiceMember>();
  const refused = new Map<string, string>();
  for (const [place, entry] of (value as readonly unknown[]).entries()) {
    const fields = fieldsOf(entry);
    const id = textOf(fields["ID"]) ?? `#${place}`;
    const host = textOf(fields["Address"]);
    const port = fields["Port"];
    const has = Array.isArray(fields["Tags"]) ? (fields["Tags"] as readonly unknown[]) : [];
    if (!tags.every((tag) => has.includes(tag))) continue;
    if (host === undefined) refused.set(id, "it has no address");
    else if (typeof port !== "number" || !Number.isInteger(port) || port < 1 || port > 65_535)
      refused.set(id, `its port is ${JSON.stringify(port)}`);
    else members.set(id, memberOf(id, { host, port, weight: 1 }, fields));
  }
  return { members, refused };
}

/** Of `GET /v1/services`: the names of one namespace, sorted. Throws where it is no list. */
export function readNames(value: unknown, namespace: string): readonly string[] {
  if (!Array.isArray(value)) throw new Error("Nomad's answer is not a list of namespaces");
  const names = new Set<string>();
  for (const entry of value as readonly unknown[]) {
    const { Namespace: of, Services: services } = fieldsOf(entry);
    if (of !== namespace || !Array.isArray(services)) continue;
    for (const service of services as readonly unknown[]) {
      const name = textOf(fieldsOf(service)["ServiceName"]);
      if (name !== undefined) names.add(name);
    }
  }
  return [...names].sort();
}

const META = { Datacenter: "datacenter", NodeID: "node", JobID: "job", AllocID: "alloc" } as const;

function memberOf(
  id: string,
  address: ServiceMember["address"],
  fields: Readonly<Record<string, unknown>>,
): ServiceMember {
  const meta: Record<string, string> = { address: addressKey(address) };
  for (const [field, key] of Object.entries(META)) {
    const text = textOf(fields[field]);
    if (text !== undefined) meta[key] = text;
  }
  return { address, instance: { id, ...address, ready: true, meta } };
}

const fieldsOf = (value: unknown): Readonly<Record<string, unknown>> =>
  typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>) : {};

const textOf = (value: unknown): string | undefined => (typeof value === "string" && value !== "" ? value : undefined);
