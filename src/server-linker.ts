/** Opens one server of a router: its tier, and the listener that callers connect to. */
import type { Scope } from "./base/scope.ts";
import type { RouterConfig, ServerConfig } from "./config/config.ts";
import type { Service } from "./http/exchange.ts";
import { Http1Downstream } from "./http1/downstream.ts";
import { defaultHttp1Settings, type Http1Settings } from "./http1/settings.ts";
import { headLimits } from "./client-linker.ts";
import { Listener, type ListenerOptions } from "./net/listener.ts";
import { serverConnections } from "./router/filters/server-stats.ts";
import { defaultRouter, type ServerParams } from "./router/params.ts";
import { openServerTier } from "./router/stacks.ts";
import type { DataPath } from "./data-path.ts";
import { secured } from "./tls-linker.ts";

export async function openServer(
  router: RouterConfig,
  server: ServerConfig,
  next: Service,
  data: DataPath,
  owner: Scope,
): Promise<Listener> {
  const { world, layout, routerSlots: slots, sweeper, bug } = data;
  const { clock, random, metrics } = world;
  const served = serverParams(server);
  const tier = owner.own(
    openServerTier({
      server: served,
      router: { ...defaultRouter, label: router.label },
      next,
      slots,
      clock,
      random,
      metrics,
    }),
  );
  const settings = { ...defaultHttp1Settings, ...headLimits(router), ...http1Settings(server) };
  const site = { service: tier.service, layout, settings, clock, sweeper, bug };
  const labels = { router: router.label, server: served.label };
  const plain: ListenerOptions["accept"] = (socket, closed) => new Http1Downstream(socket, site, closed);
  const behind = { ...labels, world, baseDir: data.config.baseDir, alpn: ["http/1.1"], accept: plain };
  const accept = secured(server.tls, behind, owner);
  const listener = await Listener.listen({
    ...data.placeOf(server),
    accept,
  });
  owner.own(listener);
  metrics.gauge(serverConnections, labels, owner, () => listener.connections);
  return listener;
}

function http1Settings({ connect, tunnelIdleMs, minBodyBytesPerMin }: ServerConfig): Partial<Http1Settings> {
  return {
    ...(connect === undefined ? {} : { connect }),
    ...(tunnelIdleMs === undefined ? {} : { tunnelTimeoutMs: tunnelIdleMs }),
    ...(minBodyBytesPerMin === undefined ? {} : { bodyBytes: minBodyBytesPerMin }),
  };
}

function serverParams(server: ServerConfig): ServerParams {
  return {
    label: `${server.ip}/${server.port}`,
    maxCallDepth: server.maxCallDepth,
    clearContext: server.clearContext,
    trust: server.trust ?? "all",
    timestampHeader: server.timestampHeader,
  };
}
