/** Links what TCP routers have of their own: their servers. */
import type { FailureCode } from "./base/failure.ts";
import type { Counter, Metrics, MetricSpec } from "./base/metrics.ts";
import type { Scope } from "./base/scope.ts";
import type { RouterConfig, ServerConfig } from "./config/config.ts";
import type { DataPath } from "./data-path.ts";
import type { Service } from "./http/exchange.ts";
import { Listener } from "./net/listener.ts";
import { failuresTotal, serverConnections } from "./router/filters/server-stats.ts";
import { openConnectionTier } from "./router/stacks.ts";
import { TcpDownstream } from "./tcp/downstream.ts";
import { defaultTcpSettings } from "./tcp/settings.ts";
import type { TcpSite } from "./tcp/site.ts";

export const tcpBytesTotal: MetricSpec = {
  name: "linkspan_tcp_bytes_total",
  type: "counter",
  help: "Bytes of TCP connections, as seen from here: received from callers, or sent to them.",
  labels: ["router", "server", "direction"],
};

/** The identifier that goes by the name in a TLS hello. */
const SNI = "linkspan.sni";

export async function openTcpServer(
  router: RouterConfig,
  server: ServerConfig,
  next: Service,
  data: DataPath,
  owner: Scope,
): Promise<Listener> {
  const { world, layout, routerSlots: slots, sweeper, bug } = data;
  const { clock, metrics, log } = world;
  const labels = { router: router.label, server: `${server.ip}/${server.port}` };
  const parts = { server: { label: labels.server }, router: { label: router.label }, next, slots, clock, metrics };
  const { service } = owner.own(openConnectionTier(parts));
  const refusals = new Refusals(metrics, router.label, owner);
  const site: TcpSite = {
    service,
    layout,
    settings: defaultTcpSettings,
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
  const listener = await Listener.listen({
    host: server.ip,
    port: server.port,
    accept: (socket, closed) => new TcpDownstream(socket, site, closed),
  });
  owner.own(listener);
  metrics.gauge(serverConnections, labels, owner, () => listener.connections);
  log.info("server.listening", { router: router.label, host: server.ip, port: listener.port });
  return listener;
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
