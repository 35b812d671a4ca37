/** Links what TCP routers have of their own: their servers, and the way to their endpoints. */
import type { FailureCode } from "./base/failure.ts";
import type { Counter, Metrics, MetricSpec } from "./base/metrics.ts";
import type { Scope } from "./base/scope.ts";
import type { Clock } from "./base/time.ts";
import type { ClusterOptions } from "./cluster/cluster-kit.ts";
import type { ClientConfig } from "./config/config.ts";
import type { DataPath } from "./data-path.ts";
import type { Connector } from "./net/connector.ts";
import { failuresTotal } from "./router/filters/server-stats.ts";
import { openConnectionTier } from "./router/stacks.ts";
import type { ServerEnd, ServerEndParts } from "./server-end.ts";
import { TcpDownstream } from "./tcp/downstream.ts";
import { defaultTcpSettings } from "./tcp/settings.ts";
import type { TcpSite } from "./tcp/site.ts";
import { TcpTransport } from "./tcp/upstream.ts";

export const tcpBytesTotal: MetricSpec = {
  name: "linkspan_tcp_bytes_total",
  type: "counter",
  help: "Bytes of TCP connections, as seen from here: received from callers, or sent to them.",
  labels: ["router", "server", "direction"],
};

/** The identifier that goes by the name in a TLS hello. */
const SNI = "linkspan.sni";

export function linkTcpServer({ router, server, next, door, data }: ServerEndParts, owner: Scope): ServerEnd {
  const { world, layout, routerSlots: slots, sweeper, bug } = data;
  const { clock, metrics, log } = world;
  const labels = { router: router.label, server: `${server.ip}/${server.port}` };
  const parts = { server: { label: labels.server }, router: { label: router.label }, next, slots, clock, metrics };
  const tier = owner.own(openConnectionTier(parts));
  const refusals = new Refusals(metrics, router.label, owner);
  const site: TcpSite = {
    service: door,
    layout,
    settings: defaultTcpSettings,
    port: server.port,
    readsHello: router.identifiers.some(({ kind }) => kind === SNI),
    clock,
    sweeper,
    received: metrics.counter(tcpBytesTotal, { ...labels, direction: "received" }, owner),
    sent: metrics.counter(tcpBytesTotal, { ...labels, direction: "sent" }, owner),
    bug,
    refused: (why) => {
      refusals.count(why.code);
      log.debug("tcp.refused", { ...labels, code: why.code, reason: why.message });
    },
  };
  return {
    accept: (socket, closed) => new TcpDownstream(socket, site, closed),
    service: tier.service,
    whenIdle: () => tier.whenIdle(),
  };
}

export interface TcpClientParts extends Pick<DataPath, "sweeper" | "bug"> {
  readonly connector: Connector;
  readonly clock: Clock;
}

export function tcpTransport({ idleTimeoutMs = Infinity }: ClientConfig, parts: TcpClientParts): TcpTransport {
  return new TcpTransport({ ...parts, idleTimeoutMs });
}

/** A connection carries one exchange for as long as that lasts, and is not kept for another one. */
export function forConnections(options: ClusterOptions): ClusterOptions {
  return { ...options, drainMs: Infinity, pool: { ...options.pool, idleTimeMs: 0 } };
}

/** Counts connections that no tier saw among the other failures of the router. */
class Refusals {
  readonly #counters = new Map<FailureCode, Counter>();
  readonly #metrics: Metrics;
  readonly #router: string;
  readonly #owner: Scope;

  constructor(metrics: Metrics, router: string, owner: Scope) {
    this.#metrics = metrics;
    this.#router = router;
    this.#owner = owner;
  }

  count(code: FailureCode): void {
    let counter = this.#counters.get(code);
    if (counter === undefined) {
      counter = this.#metrics.counter(failuresTotal, { router: this.#router, code }, this.#owner);
      this.#counters.set(code, counter);
    }
    counter.value++;
  }
}
