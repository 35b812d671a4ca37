/** Envoy as a peer: one worker. */
import { missingFor, programs } from "../../servers/installed.ts";
import { type Assignment, type Peer, writeConfig } from "./peer.ts";

const api = "type.googleapis.com/envoy.extensions";

/** YAML knows JSON, and this is easier to put together. */
function config({ front, tls, back, port, tunnels }: Assignment): string {
  const address = (number: number) => ({ socket_address: { address: "127.0.0.1", port_value: number } });
  const router = {
    name: "envoy.filters.http.router",
    typed_config: { "@type": `${api}.filters.http.router.v3.Router` },
  };
  const manager = {
    "@type": `${api}.filters.network.http_connection_manager.v3.HttpConnectionManager`,
    stat_prefix: "i",
    codec_type: "AUTO",
    stream_idle_timeout: "0s",
    route_config: {
      virtual_hosts: [
        { name: "v", domains: ["*"], routes: [{ match: { prefix: "/" }, route: { cluster: "up", timeout: "0s" } }] },
      ],
    },
    http_filters: [router],
    ...(tunnels ? { upgrade_configs: [{ upgrade_type: "websocket" }] } : {}),
  };
  const chain = { filters: [{ name: "envoy.filters.network.http_connection_manager", typed_config: manager }] };
  const secured = tls ? { transport_socket: tlsSocket(front, tls) } : {};
  const cluster = {
    name: "up",
    type: "STATIC",
    lb_policy: "LEAST_REQUEST",
    circuit_breakers: {
      thresholds: [{ max_connections: 100_000, max_requests: 100_000, max_pending_requests: 100_000 }],
    },
    load_assignment: {
      cluster_name: "up",
      endpoints: [{ lb_endpoints: [{ endpoint: { address: address(back.port) } }] }],
    },
    ...(back.protocol === "h2" ? speaksHttp2 : {}),
  };
  const listener = { name: "l", address: address(port), filter_chains: [{ ...chain, ...secured }] };
  return JSON.stringify({ static_resources: { listeners: [listener], clusters: [cluster] } });
}

function tlsSocket(front: Assignment["front"], tls: NonNullable<Assignment["tls"]>): object {
  const certificate = { certificate_chain: { filename: tls.certPath }, private_key: { filename: tls.keyPath } };
  const context = { alpn_protocols: [front === "h2" ? "h2" : "http/1.1"], tls_certificates: [certificate] };
  return {
    name: "envoy.transport_sockets.tls",
    typed_config: { "@type": `${api}.transport_sockets.tls.v3.DownstreamTlsContext`, common_tls_context: context },
  };
}

const speaksHttp2 = {
  typed_extension_protocol_options: {
    "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": {
      "@type": `${api}.upstreams.http.v3.HttpProtocolOptions`,
      explicit_http_config: { http2_protocol_options: {} },
    },
  },
};

export const envoy: Peer = {
  name: "envoy",
  missing: missingFor("envoy"),
  can: () => true,
  command: (assignment) => {
    const file = writeConfig(assignment.folder, "envoy.yaml", config(assignment));
    return [programs.envoy, "-c", file, "--concurrency", "1", "--log-level", "error", "--disable-hot-restart"];
  },
};
