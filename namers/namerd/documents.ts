/** What namerd's documents say: trees of bound names, and addresses. */
import {
  type Address,
  AddressSet,
  addressKey,
  alt,
  empty,
  fail,
  leaf,
  type NameTree,
  neg,
  Path,
  type ServiceMember,
  type ServiceReading,
  union,
} from "linkspan/plugin";

/** A leaf of a tree. */
export interface NamedId {
  readonly id: Path;
  readonly residual: Path;
}

type Fields = Readonly<Record<string, unknown>>;

const WEIGHT = "endpoint_addr_weight";

/** The object that `value` is. Throws an Error where it is none. */
export function fieldsOf(value: unknown): Fields {
  if (typeof value !== "object" || value === null || Array.isArray(value)) throw new Error("namerd says no object");
  return value as Fields;
}

/** Throws an Error where it is no tree. */
export function readTree(document: unknown): NameTree<NamedId> {
  const node = fieldsOf(document);
  switch (node["type"]) {
    case "leaf": {
      const { id, path } = fieldsOf(node["bound"]);
      return leaf({ id: Path.read(String(id)), residual: Path.read(path === undefined ? "/" : String(path)) });
    }
    case "alt":
      return alt(listOf(node["alt"]).map(readTree));
    case "union":
      return union(
        listOf(node["union"])
          .map(fieldsOf)
          .map((each) => ({ weight: Number(each["weight"]), tree: readTree(each["tree"]) })),
      );
    case "neg":
      return neg;
    case "empty":
      return empty;
    case "fail":
      return fail;
    case "exception":
      throw new Error(`namerd cannot bind it: ${String(node["message"])}`);
    default:
      throw new Error(`namerd says a tree of the type ${String(node["type"])}`);
  }
}

/** `undefined` while it is pending. Throws an Error where namerd has none to give. */
export function readAddresses(document: unknown): ServiceReading | undefined {
  const { type, addrs, meta, cause } = fieldsOf(document);
  switch (type) {
    case "pending":
      return undefined;
    case "neg":
      return { members: undefined };
    case "failed":
      throw new Error(`namerd has no addresses: ${String(cause)}`);
    case "bound": {
      const members = listOf(addrs).map((each) => memberOf(addressOf(fieldsOf(each))));
      return { members: new Map(members.map((each) => [each.instance.id, each])), meta: textsOf(meta) };
    }
    default:
      throw new Error(`namerd says addresses of the type ${String(type)}`);
  }
}

/** As `readAddresses`, without what only a guard needs. */
export function addressSetOf(reading: ServiceReading): AddressSet {
  return AddressSet.of(
    [...(reading.members?.values() ?? [])].map((member) => member.address),
    reading.meta,
  );
}

export function listOf(value: unknown): readonly unknown[] {
  if (!Array.isArray(value)) throw new Error("namerd says no list");
  return value;
}

function addressOf({ ip, port, meta }: Fields): Address {
  if (typeof ip !== "string" || typeof port !== "number") throw new Error("namerd says an address without a port");
  const { [WEIGHT]: weight, ...texts } = textsOf(meta);
  const number = weight === undefined ? 1 : Number(weight);
  const about = Object.keys(texts).length === 0 ? {} : { meta: texts };
  return { host: ip, port, weight: Number.isFinite(number) && number >= 0 ? number : 1, ...about };
}

function memberOf(address: Address): ServiceMember {
  const { host, port, weight } = address;
  return { address, instance: { id: addressKey(address), host, port, weight, ready: true } };
}

/** Texts and numbers of a mapping, as texts: weights come as either. */
function textsOf(meta: unknown): Readonly<Record<string, string>> {
  if (meta === undefined || meta === null) return {};
  const entries = Object.entries(fieldsOf(meta)).filter(([, value]) => ["string", "number"].includes(typeof value));
  return Object.fromEntries(entries.map(([key, value]) => [key, String(value)]));
}
