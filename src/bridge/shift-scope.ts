/** Whose requests a shift is about: those through some routers, on some hosts, in some zones. */
import { createHash } from "node:crypto";
import { PlanError } from "./plan-error.ts";

/** All that is said must hold; what is not said is everyone. */
export interface ShiftScope {
  /** Labels of routers. */
  readonly routers?: readonly string[];
  /** Names of hosts, in which `*` stands for anything. */
  readonly hosts?: readonly string[];
  /** Percent of all hosts: each is in it or not by its name, and stays so. */
  readonly hostShare?: number;
  readonly zones?: readonly string[];
}

/** Where a daemon is. */
export interface HostIdentity {
  /** What the host is called, in any case. */
  readonly name: string;
  /** Nothing while it is not known. */
  readonly zone?: string;
}

const MAX_ENTRIES = 1_000;
const LISTS = ["routers", "hosts", "zones"] as const;
const KEYS: ReadonlySet<string> = new Set([...LISTS, "hostShare"]);
const HEADER =
  "knows no headers: the weights of a name are the same for all who ask for it. Give those callers a route of their own " +
  "(`match: {headers: ...}`, or an identifier), and shift its name";

/** Throws a PlanError. */
export function readScope(input: unknown): ShiftScope {
  if (input === undefined || input === "all") return {};
  if (typeof input !== "object" || input === null || Array.isArray(input)) {
    throw new PlanError("scope", "is neither `all` nor a mapping of routers, hosts and zones");
  }
  const given = input as Readonly<Record<string, unknown>>;
  for (const key of Object.keys(given)) {
    if (KEYS.has(key)) continue;
    throw new PlanError("scope", /^headers?$/.test(key) ? HEADER : `has no ${key}: it is of routers, hosts and zones`);
  }
  const lists = LISTS.map((key) => [key, listIn(given, key)] as const).filter(([, list]) => list !== undefined);
  const share = given["hostShare"];
  if (share === undefined) return Object.fromEntries(lists);
  const isShare = typeof share === "number" && share > 0 && share <= 100;
  if (!isShare) throw new PlanError("scope.hostShare", "is a percentage above 0");
  return { ...Object.fromEntries(lists), hostShare: share };
}

function listIn(given: Readonly<Record<string, unknown>>, key: string): readonly string[] | undefined {
  const list = given[key];
  if (list === undefined) return undefined;
  const isList = Array.isArray(list) && list.length > 0 && list.length <= MAX_ENTRIES;
  if (!isList || !list.every((each) => typeof each === "string" && each.trim() !== "" && each.length <= 255)) {
    throw new PlanError(`scope.${key}`, `is no list of 1 to ${MAX_ENTRIES} names`);
  }
  return list as readonly string[];
}

export function coversRouter({ routers }: ShiftScope, label: string): boolean {
  return routers === undefined || routers.includes(label);
}

/** `shift` is its name: other shifts of as many hosts are of others. */
export function coversHost({ hosts, hostShare, zones }: ShiftScope, shift: string, host: HostIdentity): boolean {
  if (zones !== undefined && (host.zone === undefined || !zones.includes(host.zone))) return false;
  if (hostShare !== undefined && placeOf(shift, host.name) >= hostShare) return false;
  return hosts === undefined || hosts.some((each) => isCalled(host.name, each));
}

/** 0 to below 100. */
function placeOf(shift: string, host: string): number {
  const hash = createHash("sha256").update(`${shift}/${host.toLowerCase()}`).digest();
  return (hash.readUInt32BE(0) / 2 ** 32) * 100;
}

function isCalled(name: string, pattern: string): boolean {
  const parts = pattern.toLowerCase().split("*");
  if (parts.length === 1) return name.toLowerCase() === parts[0];
  const [first = "", last = ""] = [parts[0], parts.at(-1)];
  let rest = name.toLowerCase();
  if (!rest.startsWith(first) || !rest.slice(first.length).endsWith(last)) return false;
  rest = rest.slice(first.length, rest.length - last.length);
  for (const part of parts.slice(1, -1)) {
    const at = rest.indexOf(part);
    if (at < 0) return false;
    rest = rest.slice(at + part.length);
  }
  return true;
}

/** Whether some caller could be in both; hosts by share or pattern are taken to meet. */
export function mayMeet(a: ShiftScope, b: ShiftScope): boolean {
  const areApart = (left: readonly string[] | undefined, right: readonly string[] | undefined): boolean =>
    left !== undefined && right !== undefined && !left.some((each) => right.includes(each));
  const isPlain = ({ hosts = [] }: ShiftScope): boolean => !hosts.some((each) => each.includes("*"));
  if (areApart(a.routers, b.routers) || areApart(a.zones, b.zones)) return false;
  return !(isPlain(a) && isPlain(b) && areApart(lowered(a.hosts), lowered(b.hosts)));
}

const lowered = (names: readonly string[] | undefined): readonly string[] | undefined =>
  names?.map((each) => each.toLowerCase());
