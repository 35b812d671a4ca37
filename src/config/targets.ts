/** The targets of routes in the short form, and the name trees that they stand for. */
import { showNumber } from "../naming/name-tree.ts";
import { Path, showElement } from "../naming/path.ts";
import type { HttpProtocol } from "./client-schema.ts";
import type { At } from "./field.ts";
import { nearest } from "./nearest.ts";
import { portedElements } from "./ported-target.ts";
import type { Targets, Weights } from "./short-schema.ts";
import type { SourceConfig } from "./short-sources.ts";

/** Where a name of a source stands: `/#/zk` followed by what serversets want before it. */
export interface SourceRoot {
  readonly name: string;
  readonly root: Path;
  /** Whether services have ports, and stand in namespaces: `NAMESPACE/SERVICE[:PORT]`. */
  readonly hasPorts?: boolean;
}

/** A target that cannot be understood. */
export class BadTarget extends Error {
  override readonly name = "BadTarget";
  readonly target: string;
  readonly nearest: string | undefined;
  readonly expected: string;
  constructor(target: string, message: string, expected: string, meant?: string) {
    super(message);
    this.target = target;
    this.expected = expected;
    this.nearest = meant;
  }
}

const LITERAL = /^(\[[0-9a-fA-F:.]+\]|[^/:\s]+):(\d{1,5})$/;

/** Where in the file the target stands, `at` being the place of them all. */
export function placeOfTarget({ target, message, expected, nearest: meant }: BadTarget, to: Targets, at: At) {
  const inside = placeIn(to, target) ?? [];
  const key = typeof inside.at(-1) === "string";
  const problem = { at: [...at, ...inside], key, message, expected, received: target };
  return meant === undefined ? problem : { ...problem, nearest: meant };
}

function placeIn(to: Targets, target: string): At | undefined {
  if (typeof to === "string") return to === target ? [] : undefined;
  if (!isList(to)) return Object.hasOwn(to, target) ? [target] : undefined;
  const places = to.map((each) => placeIn(each, target));
  const index = places.findIndex((place) => place !== undefined);
  return index < 0 ? undefined : [index, ...(places[index] ?? [])];
}

/** The concrete name of a target; a `*` at its end stands for `host`, or for the caller's own name without one. */
export function nameOf(
  target: string,
  sources: readonly SourceRoot[],
  host: string | undefined,
  protocol: HttpProtocol | "tcp" = "http",
): Path {
  const several = target.split(/[\s|;,]+/);
  if (several.length > 1 && several.every((each) => each.includes("/") || isAddress(each))) {
    const list = `a list, \`[${several.join(", ")}]\`, of which the first that exists is taken`;
    throw new BadTarget(target, "these are several targets in one text", list);
  }
  const literal = LITERAL.exec(target);
  if (literal !== null) return inet(target, literal[1] ?? "", Number(literal[2]));
  const [first = "", ...rest] = target.split("/");
  const source = sources.find(({ name }) => name === first);
  if (source === undefined) throw unknownSource(target, first, sources);
  if (source.hasPorts === true) {
    const ported = portedElements(rest, host, protocol);
    if (ported !== undefined) return source.root.concat(Path.from(ported));
    throw new BadTarget(target, `\`${target}\` names no service`, `${first}/NAMESPACE/SERVICE[:PORT]`);
  }
  const elements = rest.at(-1) === "*" ? [...rest.slice(0, -1), ...(host === undefined ? [] : [host])] : rest;
  if (rest.length === 0 || elements.includes("") || elements.includes("*")) {
    throw new BadTarget(target, `\`${target}\` names no service`, `${first}/SERVICE`);
  }
  return source.root.concat(Path.from(elements));
}

/** Whether it is an address, and not a name of a source. */
export const isAddress = (target: string): boolean => LITERAL.test(target);

/** Whether the caller's own name is a part of it. */
export const hasCallersName = (target: string): boolean => /\/\*(:[^/]*)?$/.test(target);

/** All targets of a route, in the order of the file. */
export function targetsOf(targets: Targets): readonly string[] {
  if (typeof targets === "string") return [targets];
  return isList(targets) ? targets.flatMap(targetsOf) : Object.keys(targets);
}

/** What the right side of the route's dentry tries in order; `name` gives a target as a dtab writes it. */
export function alternativesOf(targets: Targets, name: (target: string) => string): readonly string[] {
  if (typeof targets === "string") return [name(targets)];
  if (isList(targets)) return targets.flatMap((each) => alternativesOf(each, name));
  const weights = Object.entries(targets);
  if (weights.every(([, weight]) => weight === 0)) {
    throw new BadTarget("", "no target has a weight above 0", "a weight above 0 for at least one target");
  }
  return [weights.map(([target, weight]) => `${plainNumber(weight)} * ${name(target)}`).join(" & ")];
}

function isList(targets: Targets): targets is readonly (string | Weights)[] {
  return Array.isArray(targets);
}

/** The root of a source's names. */
export function rootOf(
  name: string,
  { format, zookeeper, path, kubernetes, consul, datacenter }: SourceConfig,
): SourceRoot {
  const root = Path.of("#", name);
  if (kubernetes !== undefined) return { name, root, hasPorts: true };
  if (consul !== undefined) return { name, root: root.concat(Path.of(datacenter ?? ".local")) };
  if (zookeeper === undefined || format === "curator") return { name, root };
  const chroot = zookeeper.split("/").slice(1);
  const elements = [...chroot, ...(path ?? "/discovery").split("/")].filter((element) => element !== "");
  return { name, root: root.concat(Path.from(elements)) };
}

function inet(target: string, host: string, port: number): Path {
  if (port === 0 || port > 65_535) throw new BadTarget(target, `${port} is not a port`, "a port from 1 to 65535");
  return Path.of("$", "inet", host.replace(/^\[|\]$/g, ""), String(port));
}

function unknownSource(target: string, first: string, sources: readonly SourceRoot[]): BadTarget {
  const known = sources.map(({ name }) => name);
  const expected =
    known.length === 0 ? "HOST:PORT, or sources under `sources`" : `${known.join("/..., ")}/..., or HOST:PORT`;
  const [, address] = /^https?:\/\/([^/]+)/.exec(target) ?? [];
  if (address !== undefined) return new BadTarget(target, "a target is no URL", expected, address);
  const [, name] = /^\/(?:#\/)?(.+)/.exec(target) ?? [];
  if (name !== undefined) return new BadTarget(target, "a target begins with no slash", expected, name);
  if (!target.includes("/") && /^(?:[\d.]+|localhost|.*\.\w+)$/.test(target)) {
    return new BadTarget(target, `\`${target}\` has no port`, expected);
  }
  const meant = nearest(first, known);
  const whole = meant === undefined ? undefined : meant + target.slice(first.length);
  return new BadTarget(target, `there is no source \`${first}\``, expected, whole);
}

/** Weights are written without an exponent. */
function plainNumber(weight: number): string {
  return showNumber(weight).replace(/\.00$/, "");
}

/** One element of a name, as a dtab writes it. */
export function elementOf(text: string): string {
  return showElement(Path.of(text).elems[0] ?? "");
}
