/** nginx, as a peer and as the backend of most benches: one worker process. */
import { missingFor, programs } from "../../servers/installed.ts";
import { type Assignment, type Peer, writeConfig } from "./peer.ts";

/** A whole configuration around the inside of `http`. */
export function nginxAround(folder: string, http: string): string {
  return `worker_processes 1;
daemon off;
pid ${folder}/nginx.pid;
error_log ${folder}/nginx.err crit;
events { worker_connections 19000; }
http {
  access_log off;
  keepalive_requests 1000000000;
  keepalive_timeout 600s;
  http2_max_concurrent_streams 1000;
  client_body_temp_path ${folder};
  proxy_temp_path ${folder};
  fastcgi_temp_path ${folder};
  uwsgi_temp_path ${folder};
  scgi_temp_path ${folder};
  ${http}
}
`;
}

export function nginxCommand(folder: string, http: string): readonly string[] {
  const file = writeConfig(folder, "nginx.conf", nginxAround(folder, http));
  return [programs.nginx, "-e", "stderr", "-p", folder, "-c", file];
}

/** To endpoints it speaks HTTP/2 only as gRPC: one request a connection at a time. */
function passing({ back, tunnels }: Assignment): string {
  if (back.protocol === "h2") return "grpc_pass grpc://u; grpc_read_timeout 600s;";
  const connection = tunnels
    ? "proxy_set_header Upgrade $http_upgrade; proxy_set_header Connection upgrade;"
    : 'proxy_set_header Connection "";';
  return `proxy_pass http://u; proxy_http_version 1.1; proxy_max_temp_file_size 0; proxy_read_timeout 600s; ${connection}`;
}

function http(assignment: Assignment): string {
  const { front, tls, back, port } = assignment;
  const listens = `${port}${tls ? " ssl" : ""}${front === "h2" ? " http2" : ""}`;
  const certificate = tls ? `ssl_certificate ${tls.certPath}; ssl_certificate_key ${tls.keyPath};` : "";
  return `upstream u { server 127.0.0.1:${back.port}; keepalive 1024; keepalive_requests 1000000000; }
  server { listen 127.0.0.1:${listens}; ${certificate} location / { ${passing(assignment)} } }`;
}

export const nginx: Peer = {
  name: "nginx",
  missing: missingFor("nginx"),
  can: () => true,
  command: (assignment) => nginxCommand(assignment.folder, http(assignment)),
};
