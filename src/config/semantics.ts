/** What single keys cannot know: labels, ports and names that do not go together. */
import type { Dtab } from "../naming/dtab.ts";
import { Path } from "../naming/path.ts";
import { innateKinds } from "../naming/system-namers.ts";
import type { ProblemList } from "./config-error.ts";
import { checkDtab, type ServedPrefix } from "./dtab-check.ts";
import type { Registry } from "./registry.ts";

/** What was read of the routers' dtabs, where all of the file was. */
export type ReadDtabs = readonly { readonly dtab: Dtab }[] | undefined;

/**
 * Looks at a linkerd.yaml as written, so that it finds its problems beside those of the schema; what is of another type
 * there is passed over here. A step a value, as `checkDtab`.
 */
export function* checkMeaning(
  value: unknown,
  registry: Registry,
  problems: ProblemList,
  read: ReadDtabs,
): Generator<void> {
  const systemKinds = systemKindsOf(registry);
  const routers = itemsOf(value, "routers");
  checkLabels(routers, problems);
  checkPorts(routers, memberOf(value, "admin"), problems);
  checkPrefixes(itemsOf(value, "namers"), problems);
  const served = servedBy(value);
  for (const [index, router] of routers.entries()) {
    const text = textOf(router, "dtab");
    const dstPrefix = pathOf(textOf(router, "dstPrefix") ?? "/svc");
    if (text === undefined || dstPrefix === undefined) continue;
    const isWhole = (textOf(memberOf(router, "interpreter"), "kind") ?? "default") === "default";
    const { dtab } = read?.[index] ?? {};
    yield* checkDtab({ text, dtab, at: ["routers", index, "dtab"], dstPrefix, served, systemKinds, isWhole }, problems);
  }
}

/** What is reached under `/$/`. */
export function systemKindsOf(registry: Registry): readonly string[] {
  return [...innateKinds, ...registry.kinds("systemNamer")];
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
  checkIdentifierPort(admin, taken, problems);
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

function checkIdentifierPort(admin: unknown, taken: Listener[], problems: ProblemList): void {
  const port = memberOf(admin, "httpIdentifierPort");
  const [page] = taken;
  if (typeof port !== "number" || port === 0 || page === undefined) return;
  taken.push({ ip: page.ip, port, whose: "`admin.httpIdentifierPort`" });
  if (port !== page.port) return;
  const message = `port ${port} is used twice: ${page.whose} listens on ${page.ip}:${port}`;
  problems.add({ at: ["admin", "httpIdentifierPort"], code: "port.duplicate", message, expected: "another port" });
}

function listenerOf(written: unknown, standard: number): { ip: string; port: number } {
  const port = memberOf(written, "port");
  return { ip: textOf(written, "ip") ?? "127.0.0.1", port: typeof port === "number" ? port : standard };
}

function overlap(a: string, b: string): boolean {
  const [one, other] = [canonical(a), canonical(b)];
  // What listens to all of IPv6 listens to all of IPv4 too.
  const isAll = (all: string, ip: string): boolean => all === "::" || (all === "0.0.0.0" && !ip.includes(":"));
  return one === other || isAll(one, other) || isAll(other, one);
}

/** One spelling for each address; IPv4 within IPv6 is IPv4. */
function canonical(ip: string): string {
  const short = ip.includes(":") ? URL.parse(`http://[${ip}]`)?.hostname.slice(1, -1) : undefined;
  const [, high, low] = /^::ffff:([\da-f]+):([\da-f]+)$/.exec(short ?? "") ?? [];
  if (high === undefined || low === undefined) return short ?? ip;
  return [high, low].flatMap((half) => [Number.parseInt(half, 16) >> 8, Number.parseInt(half, 16) & 255]).join(".");
}

/** What the namers of a linkerd.yaml, as it is written, serve. */
export function servedBy(value: unknown): readonly ServedPrefix[] {
  return itemsOf(value, "namers").flatMap((namer) => prefixOf(namer) ?? []);
}

function prefixOf(namer: unknown): ServedPrefix | undefined {
  const kind = textOf(namer, "kind") ?? "";
  const written = textOf(namer, "prefix") ?? (kind === "" ? undefined : `/${kind}`);
  const prefix = written === undefined ? undefined : pathOf(written);
  const name = kind === "io.l5d.rewrite" ? textOf(namer, "name") : undefined;
  return prefix && { prefix, kind, ...(name === undefined ? {} : { name }) };
}

function checkPrefixes(namers: readonly unknown[], problems: ProblemList): void {
  const seen: Path[] = [];
  for (const [index, namer] of namers.entries()) {
    const prefix = prefixOf(namer)?.prefix;
    if (prefix === undefined) continue;
    const at = ["namers", index, "prefix"];
    if (prefix.size === 0) problems.add({ at, message: "a namer's prefix cannot be `/`", expected: "/name" });
    if (seen.some((earlier) => earlier.equals(prefix))) {
      const message = `the prefix ${prefix.show} has an earlier namer too; this one, the later, wins`;
      problems.add({ at, code: "prefix.duplicate", message }, [], "warning");
    }
    seen.push(prefix);
  }
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
