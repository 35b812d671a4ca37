/** Links one server of a router: its tier, and what is done with the connections of its callers. */
import { openAccessLog } from "./access-log-linker.ts";
import type { Scope } from "./base/scope.ts";
import type { ServerConfig } from "./config/config.ts";
import { defaultHttp1Settings, type Http1Settings } from "./http1/settings.ts";
import { headLimits } from "./client-linker.ts";
import { http2ServerSettings } from "./http2-linker.ts";
import { limitLife } from "./net/life-limit.ts";
import type { ServerEnd, ServerEndParts } from "./server-end.ts";
import { acceptEither, type ProtocolSites, protocols } from "./protocol-accept.ts";
import type { ServerParams } from "./router/params.ts";
import { openServerTier } from "./router/stacks.ts";
import { secured } from "./tls-linker.ts";

/** Throws a CertificateError. */
export function linkServer({ router, server, next, door, data }: ServerEndParts, owner: Scope): ServerEnd {
  const { world, layout, routerSlots: slots, sweeper, bug } = data;
  const { clock, random, metrics } = world;
  const { lastCallMs } = data.config;
  const all = serverParams(server, router.compressionLevel);
  const limit = all.maxConcurrentRequests;
  const served = { ...all, maxConcurrentRequests: limit === undefined ? limit : data.shareOf(limit) };
  const accessLog = openAccessLog(router, served.label, data, owner);
  const tier = owner.own(
    openServerTier({
      ...(accessLog === undefined ? {} : { accessLog }),
      server: served,
      router: { label: router.label, tracePropagator: router.tracePropagator.kind },
      recent: data.recent,
      next,
      slots,
      clock,
      random,
      metrics,
    }),
  );
  const settings = { ...defaultHttp1Settings, ...headLimits(router), ...http1Settings(server), lastCallMs };
  const common = { service: door, layout, clock, sweeper, bug };
  const sites: ProtocolSites = {
    http1: { ...common, settings },
    http2: { ...common, settings: http2ServerSettings(server) },
    main: router.protocol === "h2" ? "http2" : "http1",
  };
  const labels = { router: router.label, server: served.label };
  const behind = { ...labels, world, baseDir: data.config.baseDir, alpn: protocols, accept: acceptEither(sites) };
  const { lifeTimeMs } = server.serverSession ?? {};
  const forever = secured(server.tls, behind, owner);
  const accept = lifeTimeMs === undefined ? forever : limitLife(forever, lifeTimeMs, clock);
  return { accept, service: tier.service, whenIdle: () => tier.whenIdle() };
}

function http1Settings(server: ServerConfig): Partial<Http1Settings> {
  const { connect, tunnelIdleMs, minBodyBytesPerMin, serverSession } = server;
  return {
    ...(serverSession?.idleTimeMs === undefined ? {} : { idleTimeoutMs: serverSession.idleTimeMs }),
    ...(connect === undefined ? {} : { connect }),
    ...(tunnelIdleMs === undefined ? {} : { tunnelTimeoutMs: tunnelIdleMs }),
    ...(minBodyBytesPerMin === undefined ? {} : { bodyBytes: minBodyBytesPerMin }),
  };
}

export function serverParams(server: ServerConfig, compressionLevel = 0): ServerParams {
  return {
    label: `${server.ip}/${server.port}`,
    maxCallDepth: server.maxCallDepth,
    clearContext: server.clearContext,
    trust: server.trust ?? "all",
    timestampHeader: server.timestampHeader,
    forwarded: server.addForwardedHeader,
    maxConcurrentRequests: server.maxConcurrentRequests,
    timeoutMs: server.timeoutMs,
    compressionLevel,
  };
}
