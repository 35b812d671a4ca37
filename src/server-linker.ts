/** Opens one server of a router: its tier, and the listener that callers connect to. */
import type { Scope } from "./base/scope.ts";
import type { RouterConfig, ServerConfig } from "./config/config.ts";
import type { Service } from "./http/exchange.ts";
import { defaultHttp1Settings, type Http1Settings } from "./http1/settings.ts";
import { headLimits } from "./client-linker.ts";
import { http2ServerSettings } from "./http2-linker.ts";
import { defaultMaxConnections } from "./net/listener.ts";
import { ListenerGroup } from "./net/listener-group.ts";
import { acceptEither, type ProtocolSites, protocols } from "./protocol-accept.ts";
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
): Promise<ListenerGroup> {
  const { world, layout, routerSlots: slots, sweeper, bug } = data;
  const { clock, random, metrics } = world;
  const { lastCallMs } = data.config;
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
  const settings = { ...defaultHttp1Settings, ...headLimits(router), ...http1Settings(server), lastCallMs };
  const common = { service: tier.service, layout, clock, sweeper, bug };
  const sites: ProtocolSites = {
    http1: { ...common, settings },
    http2: { ...common, settings: http2ServerSettings(server) },
    main: router.protocol === "h2" ? "http2" : "http1",
  };
  const labels = { router: router.label, server: served.label };
  const behind = { ...labels, world, baseDir: data.config.baseDir, alpn: protocols, accept: acceptEither(sites) };
  const accept = secured(server.tls, behind, owner);
  const listener = await ListenerGroup.listen(data.placesOf(server), {
    accept,
    maxConnections: data.shareOf(defaultMaxConnections),
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

export function serverParams(server: ServerConfig): ServerParams {
  return {
    label: `${server.ip}/${server.port}`,
    maxCallDepth: server.maxCallDepth,
    clearContext: server.clearContext,
    trust: server.trust ?? "all",
    timestampHeader: server.timestampHeader,
  };
}
