/** The short form: translates it to the linkerd.yaml that means the same. */
import type { HttpProtocol } from "./client-schema.ts";
import type { Config } from "./config.ts";
import type { Locate, ProblemList } from "./config-error.ts";
import type { At } from "./field.ts";
import { parseWith, readLinkerd, type Written } from "./linkerd.ts";
import type { Registry } from "./registry.ts";
import { dtabOf, requestRouters, serverPlace, type RequestRouter } from "./short-routers.ts";
import { readRoutes, type Route } from "./short-routes.ts";
import { shortSchema, type ShortForm } from "./short-schema.ts";
import { namerOf, type SourceConfig } from "./short-sources.ts";
import type { Source } from "./source.ts";
import { checkNamed, portPlace, portRouters, readPorts, type PortRouter } from "./short-ports.ts";
import { rootOf, type SourceRoot } from "./targets.ts";
import { Path } from "../naming/path.ts";

/** Whether a file is written in the short form: it has one of its own keys and no `routers`. */
export function isShortForm(source: Source): boolean {
  if (source.root?.kind !== "mapping" || source.root.entries.has("routers")) return false;
  return ["sources", "routes", "listen", "trust"].some((key) => source.node([key]) !== undefined);
}

/** Adds every problem to `problems`; `undefined` when the file cannot be given a meaning. */
export function readShortForm(
  source: Source,
  problems: ProblemList,
  about: Omit<Written, "value" | "source">,
): Config | undefined {
  const { registry } = about;
  const parsed = parseWith(shortSchema(registry), { value: source.value, source }, problems);
  const roots =
    parsed === undefined
      ? rootsByName(source)
      : Object.entries(parsed.sources).map(([name, each]) => rootOf(name, each));
  const ports = readPorts(source, roots, problems);
  const routes = source.node(["routes"]) === undefined ? [] : readRoutes(source, roots, problems);
  if (parsed === undefined || routes === undefined || ports === undefined || problems.hasErrors) return undefined;
  if (!checkNamed(ports, routes, problems)) return undefined;
  const host = typeof parsed.listen === "number" ? "" : parsed.listen.host;
  const direct = portRouters(ports, dtabOf(routes, "http"), host);
  const routers = requestRouters(parsed, routes);
  const value = translate(parsed, [...routers, ...direct], source, registry);
  return readLinkerd({ value, ...about }, problems.through(locator(parsed, routes, routers, direct)));
}

/** The names of sources, for a file in which something else is wrong. */
function rootsByName(source: Source): readonly SourceRoot[] {
  const node = source.node(["sources"]);
  return node?.kind === "mapping" ? [...node.entries.keys()].map((name) => ({ name, root: Path.of("#", name) })) : [];
}

/** The keys that both forms share are taken over as they are written. */
const shared = [
  "admin",
  "telemetry",
  "usage",
  "plugins",
  "workers",
  "controlHeapMb",
  "guard",
  "log",
  "shutdown",
  "snapshot",
];

function translate(
  parsed: ShortForm,
  routers: readonly { readonly router: object }[],
  source: Source,
  registry: Registry,
): object {
  const written = source.value as Readonly<Record<string, unknown>>;
  const same = shared.filter((key) => written[key] !== undefined).map((key) => [key, written[key]] as const);
  return {
    routers: routers.map(({ router }) => router),
    namers: Object.entries(parsed.sources).map(([name, each]) => namerOf(name, each, registry)),
    ...Object.fromEntries(same),
  };
}

/** From places in the translation to places in the short form. */
function locator(
  parsed: ShortForm,
  routes: readonly Route[],
  routers: readonly RequestRouter[],
  ports: readonly PortRouter[],
): Locate {
  const names = Object.keys(parsed.sources);
  return (at, aspect) => {
    const [top, index, key] = at;
    if (top === "namers") return { at: namerPlace(at, names, parsed), aspect: {} };
    if (top !== "routers") return { at, aspect };
    const direct = ports[Number(index) - routers.length];
    if (direct !== undefined) return { at: portPlace(direct, at, aspect), aspect: { key: true } };
    const router = routers[Number(index)];
    if (key === "servers" && router !== undefined) return { at: serverPlace(at, parsed, router), aspect: {} };
    if (key === "dtab") {
      const route = routeAt(routes, router?.protocol ?? "http", aspect.offset ?? 0);
      return { at: ["routes", route], aspect: { key: true } };
    }
    return { at: typeof index === "number" && key === "client" ? ["balancer"] : ["routes"], aspect: { key: true } };
  };
}

/** Keys of namers, and the keys of sources that they were made of. */
const KEYS: Readonly<Record<string, keyof SourceConfig>> = {
  rootDir: "files",
  zkAddrs: "zookeeper",
  basePath: "path",
  kubeconfig: "kubernetes",
  inCluster: "kubernetes",
  context: "context",
  token: "token",
  tokenFile: "tokenFile",
  namespace: "namespace",
};

function namerPlace(at: At, names: readonly string[], parsed: ShortForm): At {
  const name = names[Number(at[1])] ?? "";
  const source = parsed.sources[name];
  const key = KEYS[String(at[2])];
  return key !== undefined && source !== undefined && key in source ? ["sources", name, key] : ["sources", name];
}

function routeAt(routes: readonly Route[], protocol: HttpProtocol, offset: number): string {
  let end = 0;
  for (const { key, leads } of routes) {
    end += leads[protocol].dentry.length + 3;
    if (offset < end) return key;
  }
  return routes.at(-1)?.key ?? "";
}
