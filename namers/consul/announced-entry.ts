/** How an instance stands in Consul: its registration, and what is read back of one. */
import type { Instance, Origin, Owner } from "linkspan/plugin";
import type { Registered } from "./registered.ts";

/** What the metadata of an entry says beside that of its instance. */
const META = {
  group: "linkspan-group",
  member: "linkspan-member",
  id: "linkspan-id",
  registry: "linkspan-registry",
  cluster: "linkspan-cluster",
  tlsPort: "linkspan-tls-port",
  weight: "linkspan-weight",
  session: "linkspan-session",
} as const;
const OWN_KEYS: ReadonlySet<string> = new Set([...Object.values(META), "zone"]);

/** What Consul takes of metadata: so many pairs, keys of such letters, and values of so many bytes. */
const MOST_PAIRS = 64;
const META_KEY = /^[A-Za-z0-9_-]{1,128}$/;
const MOST_VALUE_BYTES = 512;
const MOST_WEIGHT = 65_535;

/** As agents and catalogues take it; `Name` is what an agent calls what a catalogue calls `Service`. */
export interface Registration {
  readonly ID: string;
  readonly Address: string;
  readonly Port: number;
  readonly Tags: readonly string[];
  readonly Meta: Readonly<Record<string, string>>;
  readonly Weights: { readonly Passing: number; readonly Warning: number };
}

/** What one member put. */
export interface Entry {
  readonly service: string;
  readonly registration: Registration;
  readonly ready: boolean;
}

/** What a registration says of who made it, and of what; `undefined` for those of others. */
export interface EntryOwner {
  readonly group: string;
  readonly member: string;
  /** Of a lease by session. */
  readonly session: string | undefined;
}

export const checkIdOf = (id: string): string => `linkspan-lease:${id}`;
/** By which all entries of a group are found. */
export const checkNameOf = (group: string): string => `linkspan lease of ${group}`;

/** `linkspan:GROUP:MEMBER:ID`: two members of a group never have one registration between them. */
export const registrationId = ({ group, member }: Owner, id: string): string =>
  ["linkspan", ...[group, member, id].map(encodeURIComponent)].join(":");

/** Throws an Error that says why Consul could not hold it. */
export function entryOf(instance: Instance, service: string, tags: readonly string[], owner: Owner): Entry {
  const { id, host, weight, ready } = instance;
  const port = instance.port ?? instance.tlsPort;
  if (port === undefined || host === "") throw new Error("it has no address, or no port");
  if (!(weight > 0)) throw new Error(`Consul knows no weight of ${weight}`);
  const passing = Math.min(MOST_WEIGHT, Math.max(1, Math.round(weight)));
  const own = ownMeta(instance, owner, passing);
  const tooLong = Object.keys(own).find((key) => !fits(own[key] ?? ""));
  if (tooLong !== undefined) throw new Error(`its ${tooLong} is longer than Consul's metadata takes`);
  const registration: Registration = {
    ID: registrationId(owner, id),
    Address: host,
    Port: port,
    Tags: tags,
    Meta: { ...own, ...fittingMeta(instance.meta ?? {}, MOST_PAIRS - Object.keys(own).length - 1) },
    Weights: { Passing: passing, Warning: passing },
  };
  return { service, registration, ready };
}

/** The same entry on the lease of a session. */
export const onSession = (entry: Entry, session: string): Entry => ({
  ...entry,
  registration: { ...entry.registration, Meta: { ...entry.registration.Meta, [META.session]: session } },
});

export function entryOwner({ meta }: Registered): EntryOwner | undefined {
  const { [META.group]: group, [META.member]: member, [META.session]: session } = meta;
  return group === undefined || member === undefined ? undefined : { group, member, session };
}

/** Where an instance is at home, and by which id, if a registration says that it is so elsewhere. */
export function homeOf(
  meta: Readonly<Record<string, string>>,
): { readonly id: string; readonly origin: Origin } | undefined {
  const { [META.id]: id, [META.registry]: registry, [META.cluster]: cluster } = meta;
  return id === undefined || registry === undefined || cluster === undefined
    ? undefined
    : { id, origin: { registry, cluster } };
}

/** What a registration was made of, as far as Consul holds it. */
export function instanceOf(each: Registered): Instance {
  const { meta, weights, zone } = each;
  const port = each.port;
  const tlsPort = Number(meta[META.tlsPort] ?? 0);
  const others = Object.entries(meta).filter(([key]) => !OWN_KEYS.has(key));
  const home = homeOf(meta);
  return {
    id: meta[META.id] ?? each.id,
    host: each.serviceAddress === "" ? each.nodeAddress : each.serviceAddress,
    ...(port === undefined || port === tlsPort ? {} : { port }),
    ...(tlsPort > 0 ? { tlsPort } : {}),
    weight: Number(meta[META.weight] ?? weights.passing),
    ready: each.health === "passing",
    ...(home === undefined ? {} : { origin: home.origin }),
    ...(zone === undefined ? {} : { zone }),
    ...(others.length === 0 ? {} : { meta: Object.fromEntries(others) }),
  };
}

/** Whether a registration says what an entry says; of how it is, nothing. */
export function saysSame(each: Registered, { service, registration }: Entry): boolean {
  const { Address, Port, Tags, Meta, Weights } = registration;
  const keys = Object.keys(Meta);
  return (
    each.service === service &&
    each.serviceAddress === Address &&
    each.port === Port &&
    each.weights.passing === Weights.Passing &&
    each.tags.join("\n") === Tags.join("\n") &&
    keys.length === Object.keys(each.meta).length &&
    keys.every((key) => each.meta[key] === Meta[key])
  );
}

function ownMeta(instance: Instance, { group, member }: Owner, passing: number): Record<string, string> {
  const { id, origin, zone, tlsPort, weight } = instance;
  return {
    [META.group]: group,
    [META.member]: member,
    [META.id]: id,
    ...(origin === undefined ? {} : { [META.registry]: origin.registry, [META.cluster]: origin.cluster }),
    ...(tlsPort === undefined ? {} : { [META.tlsPort]: String(tlsPort) }),
    ...(weight === passing ? {} : { [META.weight]: String(weight) }),
    ...(zone === undefined ? {} : { zone }),
  };
}

/** What Consul takes, in an order that is always the same; the rest is left out, since one odd label must not keep an instance away. */
function fittingMeta(meta: Readonly<Record<string, string>>, most: number): Readonly<Record<string, string>> {
  const fitting = Object.entries(meta)
    .filter(([key, value]) => META_KEY.test(key) && fits(value) && !OWN_KEYS.has(key))
    .sort(([a], [b]) => (a < b ? -1 : 1));
  return Object.fromEntries(fitting.slice(0, most));
}

const fits = (value: string): boolean => Buffer.byteLength(value) <= MOST_VALUE_BYTES;
