/** The routers that the routes of the short form stand for: one for each protocol of requests that it listens for. */
import type { HttpProtocol } from "./client-schema.ts";
import type { At } from "./field.ts";
import { clientOf, type Rule, serviceOf } from "./short-settings.ts";
import type { Route, Routes } from "./short-route.ts";
import type { ShortForm } from "./short-schema.ts";
import { serverTlsOf } from "./short-tls.ts";

const STANDARD_PORT = 4140;

/** A router of requests, and the key under `listen` that it stands for. */
export interface RequestRouter {
  readonly protocol: HttpProtocol;
  readonly router: object;
  /** For each entry of `configs` of its clients and of its services: where what it says is written. */
  readonly places: Readonly<Record<"client" | "service", readonly At[]>>;
}

/** None where there are no routes. HTTP/1 is listened for unless only HTTP/2 is. */
export function requestRouters(parsed: ShortForm, routes: Routes): readonly RequestRouter[] {
  if (routes.routes.length === 0) return [];
  const listen = typeof parsed.listen === "number" ? { http: parsed.listen, host: "127.0.0.1" } : parsed.listen;
  const h2 = "h2" in listen ? listen.h2 : undefined;
  const http = listen.http ?? (h2 === undefined ? STANDARD_PORT : undefined);
  const ports = [["http", http] as const, ["h2", h2] as const];
  const tls = "tls" in listen && listen.tls ? { tls: serverTlsOf(listen.tls) } : {};
  const labels = "labels" in listen ? listen.labels : undefined;
  return ports.flatMap(([protocol, port]) => {
    if (port === undefined) return [];
    const servers = [{ port, ip: listen.host, trust: parsed.trust, ...tls }];
    const label = labels?.[protocol];
    const { router, ...more } = routerOf(parsed, routes, protocol, servers);
    return [{ ...more, router: label === undefined ? router : { label, ...router } }];
  });
}

/** Of a router of that protocol. */
export function dtabOf(routes: readonly Route[], protocol: HttpProtocol): string {
  return routes.map(({ leads }) => `${leads[protocol].dentry} ;\n`).join("");
}

function routerOf(
  parsed: ShortForm,
  { routes, identifier }: Routes,
  protocol: HttpProtocol,
  servers: readonly object[],
): RequestRouter {
  // Callers of HTTP/2 are calls of gRPC as often as not.
  const classifier = protocol === "h2" ? { responseClassifier: { kind: "linkspan.status" } } : {};
  const services = new Configs({ ...classifier, ...serviceOf(parsed, protocol) });
  const clients = new Configs(clientOf({ balancer: parsed.balancer ?? "ewma", ...parsed }, parsed));
  for (const { at, settings, name, leads, shadows } of routes) {
    services.add(name, serviceOf(settings, protocol, shadows?.[protocol]), at);
    const client = clientOf(settings, parsed);
    for (const target of leads[protocol].targets) clients.add(target, client, at);
  }
  return {
    protocol,
    router: {
      protocol,
      identifier,
      dtab: dtabOf(routes, protocol),
      client: clients.written,
      service: services.written,
      servers,
    },
    places: { client: clients.places, service: services.places },
  };
}

/** What holds for all names, and what holds for some. */
class Configs {
  readonly #entries: Rule[] = [];
  readonly #places: At[] = [];
  readonly #base: object;

  constructor(base: object) {
    this.#base = base;
  }

  /** Nothing where nothing is said. */
  add(prefix: string, said: object, place: At): void {
    if (Object.keys(said).length === 0) return;
    this.#entries.push({ prefix, ...said });
    this.#places.push(place);
  }

  /** One mapping for all names, or one that holds for all and one for each prefix. */
  get written(): object {
    if (this.#entries.length === 0) return this.#base;
    return { kind: "io.l5d.static", configs: [...this.#first, ...this.#entries] };
  }

  get places(): readonly At[] {
    return [...this.#first.map((): At => []), ...this.#places];
  }

  get #first(): readonly Rule[] {
    return Object.keys(this.#base).length === 0 ? [] : [{ prefix: "/", ...this.#base }];
  }
}
