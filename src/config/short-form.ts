/** The short form: translates it to the linkerd.yaml that means the same. */
import { Path } from "../naming/path.ts";
import type { Config } from "./config.ts";
import type { ProblemList } from "./config-error.ts";
import { parseWith, readLinkerd, type Written } from "./linkerd.ts";
import { SchemaError } from "./plugin.ts";
import { nearest } from "./nearest.ts";
import { madeList, madeMapping, madeNode, madeSource } from "./made-source.ts";
import type { Registry } from "./registry.ts";
import { EntryReader } from "./short-entry.ts";
import { locator, type Made } from "./short-places.ts";
import { checkNamed, portRouters, readPorts } from "./short-ports.ts";
import { dtabOf, requestRouters } from "./short-routers.ts";
import { checkClusters, type Routes } from "./short-route.ts";
import { readRoutes } from "./short-routes.ts";
import { translateMirrors } from "./short-mirrors.ts";
import { settings, shortSchema } from "./short-schema.ts";
import { namerOf } from "./short-sources.ts";
import type { Source, SourceNode } from "./source.ts";
import { rootOf, type SourceRoot } from "./targets.ts";

/** Keys that have a meaning only where there are routes. */
const aboutRoutes = ["listen", "trust", ...Object.keys(settings)];

/** What stands before the first `/` of a target. */
const NAME = /^[\w:#$%.-]+$/;

/** Whether something of a file is written in the short form. */
export function isShortForm({ root }: Source): boolean {
  const keys = root?.kind === "mapping" ? [...root.entries.keys()] : [];
  if (keys.some((key) => ofShortForm.includes(key))) return true;
  const meant = keys.map((key) => nearest(key, [...ofLinkerd, ...ofShortForm]) ?? key);
  return !meant.some((key) => ofLinkerd.includes(key)) && meant.some((key) => ofShortForm.includes(key));
}

const ofShortForm = ["sources", "routes", "listen", "trust"];
const ofLinkerd = ["routers", "namers"];

/** Adds every problem to `problems`; `undefined` when the file cannot be given a meaning. */
export function readShortForm(
  source: Source,
  problems: ProblemList,
  about: Omit<Written, "value" | "source">,
): Config | undefined {
  const { registry } = about;
  const parsed = parseWith(shortSchema(registry), { value: source.value, source }, problems);
  const named = checkSourceNames(source, problems);
  const roots = [
    ...named.map((name) => {
      const each = parsed?.sources[name];
      return each === undefined ? { name, root: Path.of("#", name) } : rootOf(name, each);
    }),
    ...namersOf(source),
  ];
  const reader = new EntryReader(roots, source, problems);
  const ports = readPorts(source, reader);
  const routes = readRoutes(source, reader);
  if (routes !== undefined) checkRoutes(routes, registry, problems);
  if (parsed === undefined || routes === undefined || ports === undefined || problems.hasErrors) return undefined;
  if (!checkUse(source, routes.routes.length + ports.length, problems)) return undefined;
  if (!checkNamed(ports, routes, problems)) return undefined;
  const listen = typeof parsed.listen === "number" ? { host: "" } : parsed.listen;
  const made: Made = {
    parsed,
    routes: routes.routes,
    requests: requestRouters(parsed, routes),
    ports: portRouters(ports, dtabOf(routes.routes, "http"), listen),
  };
  const mirrors = translateMirrors({ source, sources: parsed.sources, roots }, problems);
  if (problems.hasErrors) return undefined;
  const whole = translate(made, source, registry, mirrors);
  return readLinkerd({ value: whole.value, source: whole, ...about }, problems.through(locator(made)));
}

/** What single routes cannot know: whether another takes all requests of one, or wants its clusters called otherwise. */
function checkRoutes(
  { routes, identifier: { kind, ...rules } }: Routes,
  registry: Registry,
  problems: ProblemList,
): void {
  checkClusters(routes, problems);
  try {
    registry.get("identifier", kind)?.schema.parse(rules);
  } catch (error) {
    if (!(error instanceof SchemaError)) throw error;
    for (const problem of error.problems) problems.add(problem);
  }
}

/** Returns the names of sources that a target can begin with. */
function checkSourceNames(source: Source, problems: ProblemList): readonly string[] {
  const node = source.node(["sources"]);
  const names = node?.kind === "mapping" ? [...node.entries.keys()] : [];
  return names.filter((name) => {
    if (NAME.test(name)) return true;
    const message = `a source cannot be called ${JSON.stringify(name)}`;
    problems.add({ at: ["sources", name], key: true, message, expected: "letters, digits, and any of `-_.:#$%`" });
    return false;
  });
}

/** Targets may begin with the prefix of a namer in `namers`, where that has one element. */
function namersOf(source: Source): readonly SourceRoot[] {
  const node = source.node(["namers"]);
  const count = node?.kind === "list" ? node.items.length : 0;
  return Array.from(
    { length: count },
    (_, at) => textAt(source, at, "prefix") ?? `/${textAt(source, at, "kind") ?? ""}`,
  )
    .filter((prefix) => prefix.startsWith("/") && NAME.test(prefix.slice(1)))
    .map((prefix) => ({ name: prefix.slice(1), root: Path.of("#", prefix.slice(1)) }));
}

function textAt(source: Source, namer: number, key: string): string | undefined {
  const node = source.node(["namers", namer, key]);
  return node?.kind === "scalar" && node.text !== "" ? node.text : undefined;
}

/** Whether all that is said has a use. */
function checkUse(source: Source, routes: number, problems: ProblemList): boolean {
  const hasRouters = source.node(["routers"]) !== undefined || itemsOf(source, "mirrors").length > 0;
  if (routes > 0) return true;
  const idle = aboutRoutes.find((key) => source.node([key]) !== undefined);
  if (hasRouters && idle === undefined) return true;
  const at = hasRouters && idle !== undefined ? [idle] : [];
  const message = at.length === 0 ? "`routes` is missing" : `\`${idle}\` is for \`routes\`, and there are none`;
  problems.add({ at, key: true, message, expected: at.length === 0 ? "a mapping" : "`routes` beside it" });
  return false;
}

/** The keys that both forms share are taken over as they are written. */
const shared = [
  "admin",
  "telemetry",
  "usage",
  "plugins",
  "workers",
  "controlHeapMb",
  "zone",
  "guard",
  "log",
  "shutdown",
  "snapshot",
  "control",
];

function translate(
  { parsed, requests, ports }: Made,
  source: Source,
  registry: Registry,
  mirrors: SourceNode | undefined,
): Source {
  const routers = [...requests, ...ports].map(({ router }) => madeNode(router));
  const namers = Object.entries(parsed.sources).map(([name, each]) => madeNode(namerOf(name, each, registry)));
  const same = shared.flatMap((key): (readonly [string, SourceNode])[] => {
    const node = source.node([key]);
    return node === undefined ? [] : [[key, node]];
  });
  const root = madeMapping([
    ["routers", madeList([...routers, ...itemsOf(source, "routers")])],
    ["namers", madeList([...namers, ...itemsOf(source, "namers")])],
    ...(mirrors === undefined ? [] : [["mirrors", mirrors] as const]),
    ...same,
  ]);
  return madeSource(source.file, root);
}

function itemsOf(source: Source, key: string): readonly SourceNode[] {
  const node = source.node([key]);
  return node?.kind === "list" ? node.items : [];
}
