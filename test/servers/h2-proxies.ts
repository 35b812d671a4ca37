/** Other makers' servers of HTTP/2, as callers of linkspan and as its endpoints, over cleartext and over TLS. */
import { freePort } from "./free-port.ts";
import { programs } from "./installed.ts";
import { Judge } from "./judge.ts";
import { nginxConfig } from "./nginx-config.ts";
import type { Issued } from "./certificates.ts";

/** Envoy takes its configuration as text, and writes its log to the file that others are configured by. */
function envoy(port: number, config: object): Promise<Judge> {
  const baseId = String(port);
  const args = ["--base-id", baseId, "--concurrency", "1", "-l", "error", "--config-yaml", JSON.stringify(config)];
  return Judge.start({
    name: "Envoy",
    command: programs.envoy,
    args: () => [...args, "--log-path"],
    config: () => "",
    port,
  });
}

const at = (port: number): object => ({ socket_address: { address: "127.0.0.1", port_value: port } });
const typed = (name: string, rest: object): object => ({ "@type": `type.googleapis.com/envoy.${name}`, ...rest });

function envoyListener(port: number, route: object): object {
  const manager = typed("extensions.filters.network.http_connection_manager.v3.HttpConnectionManager", {
    stat_prefix: "judge",
    codec_type: "AUTO",
    route_config: { virtual_hosts: [{ name: "all", domains: ["*"], routes: [{ match: { prefix: "/" }, ...route }] }] },
    http_filters: [{ name: "router", typed_config: typed("extensions.filters.http.router.v3.Router", {}) }],
  });
  return { address: at(port), filter_chains: [{ filters: [{ name: "http", typed_config: manager }] }] };
}

/** Calls `upstreamPort` over HTTP/2, over cleartext or with TLS that asks for ALPN h2. */
export async function envoyFront(upstreamPort: number, caPath?: string): Promise<Judge> {
  const port = await freePort();
  const tls = typed("extensions.transport_sockets.tls.v3.UpstreamTlsContext", {
    sni: "web.example",
    common_tls_context: { alpn_protocols: ["h2"], validation_context: { trusted_ca: { filename: caPath } } },
  });
  const cluster = {
    name: "linkspan",
    type: "STATIC",
    load_assignment: {
      cluster_name: "linkspan",
      endpoints: [{ lb_endpoints: [{ endpoint: { address: at(upstreamPort) } }] }],
    },
    typed_extension_protocol_options: {
      "envoy.extensions.upstreams.http.v3.HttpProtocolOptions": typed(
        "extensions.upstreams.http.v3.HttpProtocolOptions",
        {
          explicit_http_config: { http2_protocol_options: {} },
        },
      ),
    },
    ...(caPath === undefined ? {} : { transport_socket: { name: "tls", typed_config: tls } }),
  };
  const listener = envoyListener(port, { route: { cluster: "linkspan" } });
  return envoy(port, { static_resources: { listeners: [listener], clusters: [cluster] } });
}

/** Answers every request by 200. */
export async function envoyBack(): Promise<Judge> {
  const port = await freePort();
  const listener = envoyListener(port, { direct_response: { status: 200, body: { inline_string: "ok" } } });
  return envoy(port, { static_resources: { listeners: [listener] } });
}

async function nginx(http: (port: number) => string): Promise<Judge> {
  const port = await freePort();
  return Judge.start({
    name: "nginx",
    command: programs.nginx,
    args: (folder) => ["-p", folder, "-e", "/dev/null", "-c"],
    config: (folder) => nginxConfig(folder, http(port)),
    port,
  });
}

/** Takes HTTP/2 over cleartext, or over TLS, and answers every request by 200. */
export const nginxH2Back = (identity?: Issued): Promise<Judge> =>
  nginx((port) => {
    const tls = identity ? `ssl_certificate ${identity.certPath}; ssl_certificate_key ${identity.keyPath};` : "";
    return `server { listen 127.0.0.1:${port} ${identity ? "ssl " : ""}http2; ${tls} location / { return 200 "ok"; } }`;
  });

/** Takes HTTP/1 and HTTP/2, and calls `upstreamPort` over HTTP/2, which it does for gRPC alone. */
export const nginxGrpcFront = (upstreamPort: number): Promise<Judge> =>
  nginx(
    (port) => `
  upstream linkspan { server 127.0.0.1:${upstreamPort} max_fails=0; keepalive 4; }
  server {
    listen 127.0.0.1:${port};
    client_max_body_size 0;
    location / { grpc_pass grpc://linkspan; grpc_set_header Host $http_host; }
  }`,
  );

/** Calls `upstreamPort`, in what the backend's `protocol` parameter says. */
async function nghttpx(upstreamPort: number, protocol: string): Promise<Judge> {
  const port = await freePort();
  const backend = `backend=127.0.0.1,${upstreamPort}${protocol}`;
  return Judge.start({
    name: "nghttpx",
    command: programs.nghttpx,
    args: () => ["--conf"],
    config: () => [`frontend=127.0.0.1,${port};no-tls`, backend, "workers=1", "errorlog-file=/dev/null", ""].join("\n"),
    port,
  });
}

/** Takes HTTP/2, and calls `upstreamPort` over HTTP/1. */
export const nghttpxBack = (upstreamPort: number): Promise<Judge> => nghttpx(upstreamPort, "");

/** Takes HTTP/1 and HTTP/2, and calls `upstreamPort` over HTTP/2. */
export const nghttpxFront = (upstreamPort: number): Promise<Judge> => nghttpx(upstreamPort, ";;proto=h2");
