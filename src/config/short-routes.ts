/** Reads the routes of the short form, and makes a dentry of each. */
import type { HttpProtocol } from "./client-schema.ts";
import type { ProblemList } from "./config-error.ts";
import type { At } from "./field.ts";
import { routeSchema, type RouteSettings, type Targets } from "./short-schema.ts";
import type { Source } from "./source.ts";
import {
  BadTarget,
  elementOf,
  hasCallersName,
  nameOf,
  placeOfTarget,
  targetsOf,
  treeOf,
  type SourceRoot,
} from "./targets.ts";
import { SchemaError } from "./plugin.ts";

/** Where requests of one protocol are led. */
export interface RouteLead {
  readonly dentry: string;
  /** The concrete names it may lead to. */
  readonly targets: readonly string[];
}

export interface Route {
  /** As it is written in the file. */
  readonly key: string;
  /** The logical name: `/svc/users`, or `/svc` for the rest. */
  readonly name: string;
  readonly leads: Readonly<Record<HttpProtocol, RouteLead>>;
  readonly settings: RouteSettings;
}

const REST = "*";

/** The route `*` comes first, so that the others stand above it. */
export function readRoutes(
  source: Source,
  sources: readonly SourceRoot[],
  problems: ProblemList,
): readonly Route[] | undefined {
  const written: unknown = (source.value as { readonly routes?: unknown } | undefined)?.routes;
  if (typeof written !== "object" || written === null || Array.isArray(written)) return undefined;
  const routes = written as Readonly<Record<string, unknown>>;
  const keys = Object.keys(routes).toSorted((a, b) => Number(b === REST) - Number(a === REST));
  if (keys.length === 0)
    problems.add({ at: ["routes"], message: "there are no routes", expected: "HOST: SOURCE/SERVICE" });
  const reader = new RouteReader(sources, source, problems);
  const read = keys.map((key) => reader.read(key, routes[key]));
  return read.every((route) => route !== undefined) ? guarded(read) : undefined;
}

class RouteReader {
  readonly #sources: readonly SourceRoot[];
  readonly #source: Source;
  readonly #problems: ProblemList;
  readonly #hosts = new Map<string, string>();
  constructor(sources: readonly SourceRoot[], source: Source, problems: ProblemList) {
    this.#sources = sources;
    this.#source = source;
    this.#problems = problems;
  }

  read(key: string, value: unknown): Route | undefined {
    const at: At = ["routes", key];
    const hasTo = typeof value === "object" && value !== null && !Array.isArray(value) && "to" in value;
    const isFree = this.#claim(key, at);
    const parsed = this.#parse(at, hasTo ? value : { to: value }, hasTo);
    if (parsed === undefined || !isFree) return undefined;
    const { to, ...settings } = parsed;
    if (key === REST) this.#refuseSettings(Object.keys(settings), at);
    try {
      return this.#route(key, to, settings);
    } catch (error) {
      if (!(error instanceof BadTarget)) throw error;
      this.#problems.add(placeOfTarget(error, to, hasTo ? [...at, "to"] : at));
      return undefined;
    }
  }

  #route(key: string, to: Targets, settings: RouteSettings): Route {
    const host = key === REST ? undefined : key.toLowerCase();
    const ownName = host === undefined && targetsOf(to).some(hasCallersName);
    const prefix = host === undefined ? (ownName ? "/svc" : "/svc/*") : `/svc/${elementOf(host)}`;
    const lead = (protocol: HttpProtocol): RouteLead => {
      const name = (target: string) => nameOf(target, this.#sources, host, protocol);
      const targets = targetsOf(to).map((target) => name(target).show);
      return { dentry: `${prefix} => ${treeOf(to, name)}`, targets };
    };
    const leads = { http: lead("http"), h2: lead("h2") };
    return { key, name: host === undefined ? "/svc" : prefix, leads, settings };
  }

  #parse(at: At, value: object, hasTo: boolean) {
    const inFile = (path: At): At => (hasTo ? [...at, ...path] : [...at, ...path.slice(1)]);
    try {
      return routeSchema.parse(value, {
        textAt: (path) => this.#source.under([]).textAt?.(inFile(path)),
        warn: (problem) => this.#problems.add({ ...problem, at: inFile(problem.at) }, [], "warning"),
      });
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      for (const problem of error.problems) this.#problems.add({ ...problem, at: inFile(problem.at) });
      return undefined;
    }
  }

  #claim(key: string, at: At): boolean {
    const host = key.toLowerCase();
    const other = this.#hosts.get(host);
    this.#hosts.set(host, key);
    if (/\s|\//.test(key) || key === "") {
      this.#problems.add({
        at,
        key: true,
        message: `\`${key}\` is not a host`,
        expected: "a host, without port or path",
      });
      return false;
    }
    if (other === undefined) return true;
    this.#problems.add({ at, key: true, message: `hosts differ in more than case, but \`${other}\` is above` });
    return false;
  }

  #refuseSettings(keys: readonly string[], at: At): void {
    for (const key of keys) {
      const message = `\`${key}\` for the rest of the hosts would hold for the others too`;
      this.#problems.add({ at: [...at, key], key: true, message, expected: "it at the top level, for all routes" });
    }
  }
}

/** Where the route `*` would offer something else, a host's own route must not fall back to it. */
function guarded(routes: readonly Route[]): readonly Route[] {
  const rest = routes.find(({ key }) => key === REST);
  if (rest === undefined) return routes;
  return routes.map((route) => {
    if (route === rest) return route;
    const lead = (protocol: HttpProtocol): RouteLead => {
      const own = route.leads[protocol];
      return isSame(own, rest.leads[protocol], route.name) ? own : { ...own, dentry: `${own.dentry} | !` };
    };
    return { ...route, leads: { http: lead("http"), h2: lead("h2") } };
  });
}

/** Whether the rest would lead the route's name to the same. */
function isSame({ targets }: RouteLead, rest: RouteLead, name: string): boolean {
  const [target, more] = rest.targets;
  const led = rest.dentry.startsWith("/svc/") ? target : `${target}/${lastOf(name)}`;
  return more === undefined && targets.length === 1 && led === targets[0];
}

function lastOf(name: string): string {
  return name.slice(name.lastIndexOf("/") + 1);
}
