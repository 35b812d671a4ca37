/** The routers that the routes of the short form stand for: one for each protocol of requests that it listens for. */
import type { HttpProtocol } from "./client-schema.ts";
import type { At } from "./field.ts";
import { clientOf, serviceOf, withRules, type ClientRule, type Rule } from "./short-settings.ts";
import type { Route } from "./short-routes.ts";
import type { ShortForm } from "./short-schema.ts";

const STANDARD_PORT = 4140;

/** A router of requests, and the key under `listen` that it stands for. */
export interface RequestRouter {
  readonly protocol: HttpProtocol;
  readonly router: object;
}

/** None where there are no routes. HTTP/1 is listened for unless only HTTP/2 is. */
export function requestRouters(parsed: ShortForm, routes: readonly Route[]): readonly RequestRouter[] {
  if (routes.length === 0) return [];
  const listen = typeof parsed.listen === "number" ? { http: parsed.listen, host: "127.0.0.1" } : parsed.listen;
  const h2 = "h2" in listen ? listen.h2 : undefined;
  const http = listen.http ?? (h2 === undefined ? STANDARD_PORT : undefined);
  const ports = [["http", http] as const, ["h2", h2] as const];
  const tls = "tls" in listen && listen.tls ? { tls: { certPath: listen.tls.cert, keyPath: listen.tls.key } } : {};
  return ports.flatMap(([protocol, port]) => {
    if (port === undefined) return [];
    const servers = [{ port, ip: listen.host, trust: parsed.trust, ...tls }];
    return [{ protocol, router: { ...routerOf(parsed, routes, protocol), servers } }];
  });
}

/** Of a router of that protocol. */
export function dtabOf(routes: readonly Route[], protocol: HttpProtocol): string {
  return routes.map(({ leads }) => `${leads[protocol].dentry} ;\n`).join("");
}

/** Where in the short form a place in the servers of a router stands. */
export function serverPlace(at: At, parsed: ShortForm, { protocol }: RequestRouter): At {
  if (at.includes("tls")) return ["listen", "tls", at.at(-1) === "keyPath" ? "key" : "cert"];
  if (at.at(-1) !== "port") return ["listen"];
  return typeof parsed.listen === "number" ? ["listen"] : ["listen", protocol];
}

function routerOf(parsed: ShortForm, routes: readonly Route[], protocol: HttpProtocol): object {
  const services: Rule[] = [];
  const clients: ClientRule[] = [];
  for (const { settings, name, leads } of routes) {
    const { targets } = leads[protocol];
    const service = serviceOf(settings, protocol);
    if (Object.keys(service).length > 0) services.push({ prefix: name, ...service });
    const client = clientOf(settings, parsed);
    if (Object.keys(client).length > 0) clients.push(...targets.map((target) => ({ prefix: target, ...client })));
  }
  // Callers of HTTP/2 are calls of gRPC as often as not.
  const classifier = protocol === "h2" ? { responseClassifier: { kind: "linkspan.status" } } : {};
  return {
    protocol,
    identifier: { kind: "linkspan.host" },
    dtab: dtabOf(routes, protocol),
    client: withRules(clientOf({ balancer: parsed.balancer ?? "ewma", ...parsed }, parsed), clients),
    service: withRules({ ...classifier, ...serviceOf(parsed, protocol) }, services),
  };
}
