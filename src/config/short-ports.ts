/** The ports of the short form that carry TCP: where each leads, and the routers that they stand for. */
import type { ProblemList } from "./config-error.ts";
import type { At } from "./field.ts";
import { type EntryReader, has } from "./short-entry.ts";
import type { Routes } from "./short-route.ts";
import { portByHello, portByTarget, type Targets } from "./short-schema.ts";
import type { Aspect, Source } from "./source.ts";

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

/** Undefined when a port cannot be understood; none where the file has none. */
export function readPorts(source: Source, reader: EntryReader): readonly Port[] | undefined {
  const node = source.node(["listen", "tcp"]);
  if (node?.kind !== "mapping") return [];
  const written = (source.value as { readonly listen: { readonly tcp: Readonly<Record<string, unknown>> } }).listen.tcp;
  const ports = new PortReader(reader);
  const read = Object.entries(written).map(([key, value]) => ports.read(key, value));
  return read.every((port) => port !== undefined) ? read : undefined;
}

/** What `listen` says of all ports. */
export interface PortSettings {
  readonly host: string;
  readonly labels?: { readonly tcp?: string | undefined; readonly sni?: string | undefined } | undefined;
}

/** At most two: one whose names are its ports, and one whose names are those of `routes`. */
export function portRouters(
  ports: readonly Port[],
  routesDtab: string,
  { host: ip, labels }: PortSettings,
): readonly PortRouter[] {
  const direct = ports.filter(({ dentry }) => dentry !== undefined);
  const named = ports.filter(({ dentry }) => dentry === undefined);
  const routers = [
    {
      ports: direct,
      label: labels?.tcp ?? "tcp",
      kind: "linkspan.port",
      dtab: direct.map(({ dentry }) => `${dentry} ;\n`).join(""),
    },
    { ports: named, label: labels?.sni ?? "sni", kind: "linkspan.sni", dtab: routesDtab },
  ];
  return routers
    .filter((each) => each.ports.length > 0)
    .map(({ ports: own, label, kind, dtab }) => {
      const servers = own.map(({ port }) => ({ port, ip }));
      return { ports: own, router: { protocol: "tcp", label, identifier: { kind }, dtab, servers } };
    });
}

/** Whether every port has something to lead by. */
export function checkNamed(ports: readonly Port[], { routes, identifier }: Routes, problems: ProblemList): boolean {
  const named = ports.find(({ dentry }) => dentry === undefined);
  const byHost = identifier.kind === "linkspan.host";
  if (named === undefined || (byHost && routes.length > 0)) return true;
  const message = byHost
    ? "`sni` chooses among `routes`, and there are none"
    : "`sni` chooses among `routes` by host, and these are a list for requests";
  const expected = byHost ? "`routes` beside `listen`" : "`routes` as a mapping, or a target for the port";
  problems.add({ at: ["listen", "tcp", named.key], key: true, message, expected });
  return false;
}

/** Where in the short form a place of a port's router stands: at the port, or at the routes that it leads by. */
export function portPlace({ ports }: PortRouter, at: At, { offset = 0 }: Aspect): At {
  const [, , key, index] = at;
  if (key === "label") return ["listen", "labels", ports[0]?.dentry === undefined ? "sni" : "tcp"];
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
  readonly #reader: EntryReader;
  constructor(reader: EntryReader) {
    this.#reader = reader;
  }

  read(key: string, value: unknown): Port | undefined {
    const at: At = ["listen", "tcp", key];
    const port = Number(key);
    if (!/^\d{1,5}$/.test(key) || port > 65_535) {
      const message = `\`${key}\` is not a port`;
      this.#reader.problems.add({ at, key: true, message, expected: "a port from 0 to 65535" });
      return undefined;
    }
    if (has(value, "sni")) return this.#byHello(key, port, value, at);
    const isWhole = has(value, "to");
    const parsed = this.#reader.parse(portByTarget, isWhole ? value : { to: value }, at, isWhole);
    return parsed && this.#byTarget(key, port, parsed.to, isWhole ? [...at, "to"] : at);
  }

  #byHello(key: string, port: number, value: unknown, at: At): Port | undefined {
    const parsed = this.#reader.parse(portByHello, value, at, true);
    if (parsed?.sni === true) return { key, port, dentry: undefined };
    if (parsed === undefined) return undefined;
    const message = "without `sni` the port needs a target";
    this.#reader.problems.add({ at: [...at, "sni"], message, expected: "SOURCE/SERVICE, or `sni: true`" });
    return undefined;
  }

  #byTarget(key: string, port: number, to: Targets, at: At): Port | undefined {
    const lead = this.#reader.lead(to, String(port), "tcp", at);
    return lead && { key, port, dentry: `/svc/${port} => ${lead.alternatives.join(" | ")}` };
  }
}
