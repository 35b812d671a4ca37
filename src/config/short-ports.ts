/** The ports of the short form that carry TCP: where each leads, and the routers that they stand for. */
import type { ProblemList } from "./config-error.ts";
import type { At } from "./field.ts";
import { SchemaError } from "./plugin.ts";
import { s } from "./schema.ts";
import { targetsField, type Targets } from "./short-schema.ts";
import type { Aspect, Source } from "./source.ts";
import { BadTarget, nameOf, placeOfTarget, treeOf, type SourceRoot } from "./targets.ts";

/** A port as it is written under `listen.tcp`; it leads by its own target, or by `routes` and the name in a TLS hello. */
export interface Port {
  /** As it is written in the file. */
  readonly key: string;
  readonly port: number;
  /** None where the TLS hello decides. */
  readonly dentry: string | undefined;
}

/** A router that some ports stand for, and which: its servers are in their order. */
export interface PortRouter {
  readonly ports: readonly Port[];
  readonly router: object;
}

const byHello = s.object({ sni: s.boolean({ doc: "Whether the name in a TLS hello chooses among `routes`." }) });
const byTarget = s.object({ to: targetsField });

/** Undefined when a port cannot be understood; none where the file has none. */
export function readPorts(
  source: Source,
  sources: readonly SourceRoot[],
  problems: ProblemList,
): readonly Port[] | undefined {
  const node = source.node(["listen", "tcp"]);
  if (node?.kind !== "mapping") return [];
  const written = (source.value as { readonly listen: { readonly tcp: Readonly<Record<string, unknown>> } }).listen.tcp;
  const reader = new PortReader(sources, source, problems);
  const read = Object.entries(written).map(([key, value]) => reader.read(key, value));
  return read.every((port) => port !== undefined) ? read : undefined;
}

/** At most two: one whose names are its ports, and one whose names are those of `routes`. */
export function portRouters(ports: readonly Port[], routesDtab: string, ip: string): readonly PortRouter[] {
  const direct = ports.filter(({ dentry }) => dentry !== undefined);
  const named = ports.filter(({ dentry }) => dentry === undefined);
  const routers = [
    { ports: direct, label: "tcp", kind: "linkspan.port", dtab: direct.map(({ dentry }) => `${dentry} ;\n`).join("") },
    { ports: named, label: "sni", kind: "linkspan.sni", dtab: routesDtab },
  ];
  return routers
    .filter((each) => each.ports.length > 0)
    .map(({ ports: own, label, kind, dtab }) => {
      const servers = own.map(({ port }) => ({ port, ip }));
      return { ports: own, router: { protocol: "tcp", label, identifier: { kind }, dtab, servers } };
    });
}

/** Whether every port has something to lead by. */
export function checkNamed(ports: readonly Port[], routes: readonly unknown[], problems: ProblemList): boolean {
  const lost = routes.length > 0 ? undefined : ports.find(({ dentry }) => dentry === undefined);
  if (lost === undefined) return true;
  const message = "`sni` chooses among `routes`, and there are none";
  problems.add({ at: ["listen", "tcp", lost.key], key: true, message, expected: "`routes` beside `listen`" });
  return false;
}

/** Where in the short form a place of a port's router stands: at the port, or at the routes that it leads by. */
export function portPlace({ ports }: PortRouter, at: At, { offset = 0 }: Aspect): At {
  const [, , key, index] = at;
  if (key === "servers") return ["listen", "tcp", ports[Number(index)]?.key ?? ""];
  if (key !== "dtab" || ports[0]?.dentry === undefined) return ["listen", "tcp"];
  let end = 0;
  const found = ports.find(({ dentry = "" }) => {
    end += dentry.length + 3;
    return offset < end;
  });
  return ["listen", "tcp", found?.key ?? ""];
}

class PortReader {
  readonly #sources: readonly SourceRoot[];
  readonly #source: Source;
  readonly #problems: ProblemList;
  constructor(sources: readonly SourceRoot[], source: Source, problems: ProblemList) {
    this.#sources = sources;
    this.#source = source;
    this.#problems = problems;
  }

  read(key: string, value: unknown): Port | undefined {
    const at: At = ["listen", "tcp", key];
    const port = Number(key);
    if (!/^\d{1,5}$/.test(key) || port > 65_535) {
      this.#problems.add({ at, key: true, message: `\`${key}\` is not a port`, expected: "a port from 0 to 65535" });
      return undefined;
    }
    if (has(value, "sni")) return this.#byHello(key, port, value, at);
    const isWhole = has(value, "to");
    const parsed = this.#parse(byTarget, isWhole ? value : { to: value }, at, isWhole);
    return parsed && this.#byTarget(key, port, parsed.to, isWhole ? [...at, "to"] : at);
  }

  #byHello(key: string, port: number, value: unknown, at: At): Port | undefined {
    const parsed = this.#parse(byHello, value, at, true);
    if (parsed?.sni === true) return { key, port, dentry: undefined };
    if (parsed === undefined) return undefined;
    const message = "without `sni` the port needs a target";
    this.#problems.add({ at: [...at, "sni"], message, expected: "SOURCE/SERVICE, or `sni: true`" });
    return undefined;
  }

  #byTarget(key: string, port: number, to: Targets, at: At): Port | undefined {
    try {
      const tree = treeOf(to, (target) => nameOf(target, this.#sources, String(port), "tcp"));
      return { key, port, dentry: `/svc/${port} => ${tree}` };
    } catch (error) {
      if (!(error instanceof BadTarget)) throw error;
      this.#problems.add(placeOfTarget(error, to, at));
      return undefined;
    }
  }

  #parse<T>(schema: { parse(value: unknown, source: object): T }, value: unknown, at: At, isWhole: boolean) {
    const inFile = (path: At): At => [...at, ...(isWhole ? path : path.slice(1))];
    try {
      return schema.parse(value, {
        textAt: (path: At) => this.#source.under([]).textAt?.(inFile(path)),
      });
    } catch (error) {
      if (!(error instanceof SchemaError)) throw error;
      for (const problem of error.problems) this.#problems.add({ ...problem, at: inFile(problem.at) });
      return undefined;
    }
  }
}

function has(value: unknown, key: string): boolean {
  return typeof value === "object" && value !== null && !Array.isArray(value) && key in value;
}
