/** What differs between two configurations, object by object, and what of it only a new process can take up. */
import { atOnce } from "../base/turn.ts";
import type { Dtab } from "../naming/dtab.ts";
import type { AnnouncerConfig, Config, MirrorConfig, NamerConfig, RouterConfig, ServerConfig } from "./config.ts";
import { changedLines } from "./dtab-diff.ts";
import { describe, meansTheSame, type Plain } from "./meaning.ts";

export type ObjectKind =
  | "namer"
  | "mirror"
  | "announcer"
  | "router"
  | "dtab"
  | "interpreter"
  | "identifier"
  | "client"
  | "service"
  | "server"
  | "settings";

/** One key that differs; dotted. A side is absent where the key is. Secrets are stars. */
export interface ChangedKey {
  readonly key: string;
  readonly before?: Plain;
  readonly after?: Plain;
}

export interface ObjectChange {
  readonly kind: ObjectKind;
  /** `/#/zk`, the router's label, `0.0.0.0:4140`, or the top-level key. */
  readonly name: string;
  readonly change: "added" | "removed" | "changed";
  /** Empty where something was added or removed, or where all that differs is a secret. */
  readonly keys: readonly ChangedKey[];
  /** How many differ beside those, where not all are told. */
  readonly more?: number;
  /** A running process keeps what it has. */
  readonly needsRestart: boolean;
}

/** What does not say what runs, or is compared by itself. */
export const NOT_COMPARED: ReadonlySet<string> = new Set([
  "file",
  "baseDir",
  "source",
  "routers",
  "namers",
  "mirrors",
  "registry",
  "written",
  "expanded",
  "warnings",
]);
/** What a running process can take up; any other key of a configuration, and any that is to come, needs a new one. */
const APPLIED = new Set(["admin", "telemetry", "guard", "maxStaleMs", "log", "shutdownGraceMs", "lastCallMs"]);

/** The parts of a router that are objects of their own, beside its dtab. */
const ROUTER_PARTS = ["interpreter", "identifier", "client", "service"] as const;
const partsOf = (router: RouterConfig): Readonly<Record<(typeof ROUTER_PARTS)[number], unknown>> => ({
  interpreter: interpreterOf(router),
  identifier: router.identifiers,
  client: router.client,
  service: router.service,
});

/** What binds the names of a router, beside its dtab. */
export function interpreterOf(router: RouterConfig): object {
  const { interpreter, transformers } = router;
  return { interpreter, transformers };
}

/** What of a router is an object of its own, or a place in the file. */
const ROUTER_OBJECTS = new Set([
  "dtab",
  "dtabPlaces",
  "announcers",
  "interpreter",
  "transformers",
  "identifiers",
  "client",
  "service",
  "servers",
]);

/** The rest of what a router says. */
export function ownKeysOf(router: RouterConfig): object {
  return Object.fromEntries(Object.entries(router).filter(([key]) => !ROUTER_OBJECTS.has(key)));
}

/** In the order: settings, namers, mirrors, routers. */
export function diffConfigs(before: Config, after: Config): readonly ObjectChange[] {
  return atOnce(comparing(before, after));
}

/** The same, a piece a value. */
export function* comparing(before: Config, after: Config): Generator<void, readonly ObjectChange[]> {
  return [
    ...settings(before, after),
    ...compared("namer", byPrefix(before.namers), byPrefix(after.namers)),
    ...order(before.namers, after.namers),
    ...compared("mirror", byName(before.mirrors), byName(after.mirrors)),
    ...(yield* routers(before, after)),
  ];
}

function settings(before: Config, after: Config): readonly ObjectChange[] {
  const keys = new Set([...Object.keys(before), ...Object.keys(after)].filter((key) => !NOT_COMPARED.has(key)));
  return [...keys].flatMap((key) => {
    const [old, now] = [before, after].map((config): unknown => Reflect.get(config, key));
    return changeOf("settings", key, old, now, !APPLIED.has(key));
  });
}

/** The later one of two with the same prefix wins, so their order is a part of what they mean. */
function byPrefix(namers: readonly NamerConfig[]): ReadonlyMap<string, NamerConfig> {
  return named(namers, ({ prefix }) => `/#${prefix.show}`);
}

/** Of two with the same name the second is called `NAME (2)`. */
function named<T>(all: readonly T[], nameOf: (one: T) => string): ReadonlyMap<string, T> {
  const found = new Map<string, T>();
  for (const one of all) {
    const name = nameOf(one);
    let at = 1;
    while (found.has(at === 1 ? name : `${name} (${at})`)) at++;
    found.set(at === 1 ? name : `${name} (${at})`, one);
  }
  return found;
}

/** Prefixes may lie in each other, and then it matters which namer stands first. */
function order(before: readonly NamerConfig[], after: readonly NamerConfig[]): readonly ObjectChange[] {
  const [old, now] = [before, after].map((namers) => namers.map(({ prefix }) => prefix.show));
  const same = (old ?? []).toSorted().join() === (now ?? []).toSorted().join();
  if (!same || old?.join() === now?.join()) return [];
  const keys = [{ key: "order", before: old ?? [], after: now ?? [] }];
  return [{ kind: "settings", name: "namers", change: "changed", keys, needsRestart: false }];
}

function* routers(before: Config, after: Config): Generator<void, readonly ObjectChange[]> {
  const old = new Map(before.routers.map((router) => [router.label, router]));
  const now = new Map(after.routers.map((router) => [router.label, router]));
  const changes: ObjectChange[] = [];
  for (const [label, router] of old) if (!now.has(label)) changes.push(...whole("removed", router));
  for (const [label, router] of now) {
    const known = old.get(label);
    changes.push(...(known === undefined ? whole("added", router) : yield* changedRouter(known, router)));
  }
  return changes;
}

function whole(change: "added" | "removed", router: RouterConfig): readonly ObjectChange[] {
  const servers = [...serversOf(router).keys()];
  return [
    { kind: "router", name: router.label, change, keys: [], needsRestart: false },
    ...servers.map((name): ObjectChange => ({ kind: "server", name, change, keys: [], needsRestart: false })),
  ];
}

function* changedRouter(before: RouterConfig, after: RouterConfig): Generator<void, readonly ObjectChange[]> {
  const { label } = after;
  const [old, now] = [partsOf(before), partsOf(after)];
  return [
    ...changeOf("router", label, ownKeysOf(before), ownKeysOf(after), false),
    ...(yield* changedDtab(label, before.dtab, after.dtab)),
    ...ROUTER_PARTS.flatMap((part) => changeOf(part, label, old[part], now[part], false)),
    ...compared("announcer", announcersOf(before), announcersOf(after)),
    ...compared("server", serversOf(before), serversOf(after)),
  ];
}

/** By router and prefix. */
export function announcersOf({ label, announcers }: RouterConfig): ReadonlyMap<string, AnnouncerConfig> {
  return named(announcers, ({ prefix }) => `${label} /#${prefix.show}`);
}

function byName(mirrors: readonly MirrorConfig[]): ReadonlyMap<string, MirrorConfig> {
  return new Map(mirrors.map((mirror) => [mirror.name, mirror]));
}

function* changedDtab(label: string, old: Dtab, now: Dtab): Generator<void, readonly ObjectChange[]> {
  const lines = yield* changedLines(old, now);
  if (lines === undefined) return [];
  const keys: ChangedKey[] = [];
  // One of each in turns: lines that were changed in place are beside each other.
  for (let at = 0; at < Math.max(lines.gone.length, lines.come.length); at++) {
    const [before, after] = [lines.gone[at], lines.come[at]];
    if (before !== undefined) keys.push({ key: "line", before });
    if (after !== undefined) keys.push({ key: "line", after });
  }
  if (keys.length === 0) keys.push({ key: "order of lines" });
  return [{ kind: "dtab", name: label, change: "changed", keys, needsRestart: false }];
}

/** By address; of those at any port by their turn. */
export function serversOf({ label, servers }: RouterConfig): ReadonlyMap<string, ServerConfig> {
  let anyPorts = 0;
  return new Map(
    servers.map((server) => {
      const { ip, port } = server;
      const host = ip.includes(":") ? `[${ip}]` : ip;
      return [port === 0 ? `${host}:0, server ${++anyPorts} of ${label}` : `${host}:${port}`, server] as const;
    }),
  );
}

function compared(
  kind: ObjectKind,
  before: ReadonlyMap<string, unknown>,
  after: ReadonlyMap<string, unknown>,
): readonly ObjectChange[] {
  const names = new Set([...before.keys(), ...after.keys()]);
  return [...names].flatMap((name) => changeOf(kind, name, before.get(name), after.get(name), false));
}

function changeOf(
  kind: ObjectKind,
  name: string,
  before: unknown,
  after: unknown,
  needsRestart: boolean,
): readonly ObjectChange[] {
  if (before === undefined && after === undefined) return [];
  if (kind !== "settings" && (before === undefined || after === undefined)) {
    return [{ kind, name, change: before === undefined ? "added" : "removed", keys: [], needsRestart }];
  }
  if (meansTheSame(before, after)) return [];
  return [{ kind, name, change: "changed", keys: changedKeys(before, after), needsRestart }];
}

function changedKeys(before: unknown, after: unknown): readonly ChangedKey[] {
  const [old, now] = [flat(describe(before)), flat(describe(after))];
  const keys = new Set([...old.keys(), ...now.keys()]);
  return [...keys].flatMap((key) => {
    const [was, is] = [old.get(key), now.get(key)];
    if (JSON.stringify(was) === JSON.stringify(is)) return [];
    return [{ key, ...(was === undefined ? {} : { before: was }), ...(is === undefined ? {} : { after: is }) }];
  });
}

function flat(value: Plain, at = "", into = new Map<string, Plain>()): ReadonlyMap<string, Plain> {
  const isLeaf = typeof value !== "object" || value === null || Object.keys(value).length === 0;
  if (isLeaf) {
    if (value !== null || at !== "") into.set(at, value);
    return into;
  }
  for (const [key, each] of Object.entries(value)) flat(each as Plain, at === "" ? key : `${at}.${key}`, into);
  return into;
}
