/** The proxies that are compared: how each is started in front of the one backend. */
import { existsSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { missingFor, programs } from "../servers/installed.ts";

export interface Peer {
  readonly name: string;
  /** Why it cannot run here; `undefined` when it can. */
  readonly missing: string | undefined;
  readonly command: readonly string[];
  readonly port: number;
}

export const backendPort = 19_001;
const root = join(import.meta.dirname, "../..");

export function backendCommand(folder: string): readonly string[] {
  const file = join(folder, "backend.conf");
  writeFileSync(
    file,
    `worker_processes 1; daemon off; pid ${folder}/backend.pid; error_log ${folder}/backend.err crit;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; client_body_temp_path ${folder}/cb;
 proxy_temp_path ${folder}/pt; fastcgi_temp_path ${folder}/ft; uwsgi_temp_path ${folder}/ut; scgi_temp_path ${folder}/st;
 server { listen 127.0.0.1:${backendPort} reuseport; default_type text/plain;
  location / { return 200 "hello world, this is a reasonably small body of about one hundred bytes for the proxy bench 0123456789\\n"; } } }
`,
  );
  return ["/usr/sbin/nginx", "-e", "stderr", "-p", folder, "-c", file];
}

function missingFile(file: string, hint: string): string | undefined {
  return existsSync(file) ? undefined : `${file} is missing: ${hint}`;
}

function linkspan(folder: string): Peer {
  const config = join(folder, "linkspan.yaml");
  writeFileSync(
    config,
    `admin: {port: 0}
routers:
- protocol: http
  identifier: {kind: io.l5d.methodAndHost}
  dtab: /svc => /$/nil ; /svc/1.1/GET => /$/inet/127.0.0.1/${backendPort}
  client: {loadBalancer: {kind: ewma}, requestAttemptTimeoutMs: 30000}
  service: {totalTimeoutMs: 60000}
  servers: [{port: 18001}]
`,
  );
  return {
    name: "linkspan",
    missing: missingFile(join(root, "dist/src/main.js"), "npm run build"),
    // As it is installed: through the line that says which Node runs it, and how.
    command: [join(root, "bin/linkspan.cjs"), "run", config],
    port: 18_001,
  };
}

function nginx(folder: string): Peer {
  const config = join(folder, "nginx.conf");
  writeFileSync(
    config,
    `worker_processes 1; daemon off; pid ${folder}/nginx.pid; error_log ${folder}/nginx.err crit;
events { worker_connections 4096; }
http { access_log off; keepalive_requests 1000000000; keepalive_timeout 600s; client_body_temp_path ${folder}/ncb;
 proxy_temp_path ${folder}/npt; fastcgi_temp_path ${folder}/nft; uwsgi_temp_path ${folder}/nut; scgi_temp_path ${folder}/nst;
 upstream u { server 127.0.0.1:${backendPort}; keepalive 128; keepalive_requests 1000000000; }
 server { listen 127.0.0.1:18002; location / { proxy_pass http://u; proxy_http_version 1.1; proxy_set_header Connection ""; } } }
`,
  );
  const command = ["/usr/sbin/nginx", "-e", "stderr", "-p", folder, "-c", config];
  return { name: "nginx", missing: missingFile("/usr/sbin/nginx", "npm run servers"), command, port: 18_002 };
}

function haproxy(folder: string): Peer {
  const config = join(folder, "haproxy.cfg");
  writeFileSync(
    config,
    `global
  nbthread 1
  maxconn 4000
defaults
  mode http
  timeout connect 5s
  timeout client 60s
  timeout server 60s
  option http-keep-alive
  http-reuse always
frontend f
  bind 127.0.0.1:18003
  default_backend b
backend b
  balance random(2)
  server s1 127.0.0.1:${backendPort}
`,
  );
  const command = ["/usr/sbin/haproxy", "-db", "-f", config];
  return { name: "haproxy", missing: missingFile("/usr/sbin/haproxy", "npm run servers"), command, port: 18_003 };
}

function envoy(folder: string): Peer {
  const config = join(folder, "envoy.yaml");
  const api = "type.googleapis.com/envoy.extensions.filters";
  writeFileSync(
    config,
    `static_resources:
  listeners:
  - name: l
    address: {socket_address: {address: 127.0.0.1, port_value: 18004}}
    filter_chains:
    - filters:
      - name: envoy.filters.network.http_connection_manager
        typed_config:
          "@type": ${api}.network.http_connection_manager.v3.HttpConnectionManager
          stat_prefix: i
          codec_type: AUTO
          route_config: {virtual_hosts: [{name: v, domains: ["*"], routes: [{match: {prefix: "/"}, route: {cluster: up}}]}]}
          http_filters: [{name: envoy.filters.http.router, typed_config: {"@type": ${api}.http.router.v3.Router}}]
  clusters:
  - name: up
    type: STATIC
    lb_policy: LEAST_REQUEST
    load_assignment:
      cluster_name: up
      endpoints: [{lb_endpoints: [{endpoint: {address: {socket_address: {address: 127.0.0.1, port_value: ${backendPort}}}}}]}]
`,
  );
  const command = [programs.envoy, "-c", config, "--concurrency", "1", "--log-level", "error", "--disable-hot-restart"];
  return { name: "envoy", missing: missingFor("envoy"), command, port: 18_004 };
}

function httpProxy(): Peer {
  const script = join(import.meta.dirname, "http-proxy-peer.cjs");
  const command = [process.execPath, "--no-deprecation", script, "18005", String(backendPort)];
  return { name: "http-proxy", missing: undefined, command, port: 18_005 };
}

/** Writes the peers' configurations into `folder`. */
export function peers(folder: string): readonly Peer[] {
  return [haproxy(folder), nginx(folder), linkspan(folder), envoy(folder), httpProxy()];
}
