/** What single keys cannot know: labels, ports and names that do not go together. */
import type { ProblemList } from "./config-error.ts";
import { flatMapLeaves, leaf, type NameTree } from "../naming/name-tree.ts";
import { readDentries, type Dentry } from "../naming/parser.ts";
import { Path } from "../naming/path.ts";
import { systemKinds } from "../naming/system-namers.ts";
import { nearest } from "./nearest.ts";

/**
 * Looks at a linkerd.yaml as written, so that it finds its problems beside those of the schema; what is of another type
 * there is passed over here.
 */
export function checkMeaning(value: unknown, problems: ProblemList): void {
  const routers = itemsOf(value, "routers");
  checkLabels(routers, problems);
  checkPorts(routers, memberOf(value, "admin"), problems);
  const prefixes = checkPrefixes(itemsOf(value, "namers"), problems);
  for (const [index, router] of routers.entries()) checkDtab(textOf(router, "dtab"), index, prefixes, problems);
}

function checkLabels(routers: readonly unknown[], problems: ProblemList): void {
  const seen = new Map<string, number>();
  for (const [index, router] of routers.entries()) {
    const label = textOf(router, "label") ?? textOf(router, "protocol");
    if (label === undefined) continue;
    const first = seen.get(label);
    seen.set(label, first ?? index);
    if (first === undefined) continue;
    const message = `two routers have the label \`${label}\`; the first is router ${first + 1}`;
    const expected = "a `label` of its own for each router";
    problems.add({ at: ["routers", index, "label"], code: "label.duplicate", message, expected });
  }
}

interface Listener {
  readonly ip: string;
  readonly port: number;
  readonly whose: string;
}

const STANDARD_PORTS: Readonly<Record<string, number>> = { http: 4140, h2: 4142 };

function checkPorts(routers: readonly unknown[], admin: unknown, problems: ProblemList): void {
  const taken: Listener[] = [{ ...listenerOf(admin, 9990), whose: "the admin page" }];
  for (const [index, router] of routers.entries()) {
    for (const [at, server] of itemsOf(router, "servers").entries()) {
      const { ip, port } = listenerOf(server, STANDARD_PORTS[textOf(router, "protocol") ?? ""] ?? 0);
      const other = port === 0 ? undefined : taken.find((each) => each.port === port && overlap(each.ip, ip));
      taken.push({ ip, port, whose: `server ${at + 1} of router ${index + 1}` });
      if (other === undefined) continue;
      const message = `port ${port} is used twice: ${other.whose} listens on ${other.ip}:${port}`;
      const place = ["routers", index, "servers", at, "port"];
      problems.add({ at: place, code: "port.duplicate", message, expected: "another port" });
    }
  }
}

function listenerOf(written: unknown, standard: number): { ip: string; port: number } {
  const port = memberOf(written, "port");
  return { ip: textOf(written, "ip") ?? "127.0.0.1", port: typeof port === "number" ? port : standard };
}

function overlap(a: string, b: string): boolean {
  return a === b || [a, b].some((ip) => ip === "0.0.0.0" || ip === "::");
}

/** The prefixes that are served. */
function checkPrefixes(namers: readonly unknown[], problems: ProblemList): readonly Path[] {
  const prefixes: Path[] = [];
  for (const [index, namer] of namers.entries()) {
    const at = ["namers", index, "prefix"];
    const prefix = pathOf(textOf(namer, "prefix") ?? `/${textOf(namer, "kind") ?? ""}`);
    if (prefix === undefined) continue;
    if (prefix.size === 0) problems.add({ at, message: "a namer's prefix cannot be `/`", expected: "/name" });
    if (prefixes.some((earlier) => earlier.equals(prefix))) {
      const message = `the prefix ${prefix.show} has an earlier namer too; this one, the later, wins`;
      problems.add({ at, code: "prefix.duplicate", message }, [], "warning");
    }
    prefixes.push(prefix);
  }
  return prefixes;
}

/** A path under `/#/` or `/$/` that no namer serves binds to nothing; that is more likely a slip than a wish. */
function checkDtab(text: string | undefined, router: number, served: readonly Path[], problems: ProblemList): void {
  for (const { dst, at } of text === undefined ? [] : dentriesOf(text)) {
    for (const path of leavesOf(dst)) {
      if (path.size < 2 || isServed(path, served)) continue;
      const aspect = at === undefined ? {} : { offset: at.start, length: at.end - at.start };
      problems.add({ at: ["routers", router, "dtab"], ...aspect, ...unserved(path, served) }, [], "warning");
    }
  }
}

function isServed(path: Path, served: readonly Path[]): boolean {
  if (path.elems[0] === "$") return systemKinds.includes(path.elems[1] ?? "");
  if (path.elems[0] !== "#") return true;
  const name = path.drop(1);
  return served.some((prefix) => name.startsWith(prefix) || prefix.startsWith(name));
}

function unserved(path: Path, served: readonly Path[]) {
  const isSystem = path.elems[0] === "$";
  const known = isSystem ? systemKinds.map((kind) => `/$/${kind}`) : served.map((prefix) => `/#${prefix.show}`);
  const wanted = path.take(2).show;
  const meant = nearest(wanted, known);
  return {
    message: `no namer serves ${wanted}, so this binds to nothing`,
    expected: known.length === 0 ? "a namer under `namers`" : `one of ${known.join(", ")}`,
    received: wanted,
    ...(meant === undefined ? {} : { nearest: meant }),
  };
}

function leavesOf(tree: NameTree<Path>): readonly Path[] {
  const paths: Path[] = [];
  flatMapLeaves(tree, (path) => {
    paths.push(path);
    return leaf(path);
  });
  return paths;
}

function dentriesOf(text: string): readonly Dentry[] {
  return readOr(() => readDentries(text)) ?? [];
}

function pathOf(text: string): Path | undefined {
  return readOr(() => Path.read(text));
}

/** What does not parse has its problem already. */
function readOr<T>(read: () => T): T | undefined {
  try {
    return read();
  } catch {
    return undefined;
  }
}

function memberOf(value: unknown, key: string): unknown {
  return typeof value === "object" && value !== null ? (value as Readonly<Record<string, unknown>>)[key] : undefined;
}

function itemsOf(value: unknown, key: string): readonly unknown[] {
  const items = memberOf(value, key);
  return Array.isArray(items) ? items : [];
}

function textOf(value: unknown, key: string): string | undefined {
  const text = memberOf(value, key);
  return typeof text === "string" || typeof text === "number" ? String(text) : undefined;
}
