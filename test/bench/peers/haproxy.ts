/** HAProxy as a peer: one thread. */
import { missingFor, programs } from "../../servers/installed.ts";
import { type Assignment, type Peer, writeConfig } from "./peer.ts";

function config({ front, tls, back, port }: Assignment): string {
  const protocol = tls ? `ssl crt ${tls.bothPath} alpn ${front === "h2" ? "h2" : "http/1.1"}` : "";
  const clear = front === "h2" && !tls ? "proto h2" : "";
  return `global
  nbthread 1
  maxconn 12000
  no strict-limits
  tune.h2.max-concurrent-streams 1000
defaults
  mode http
  timeout connect 5s
  timeout client 600s
  timeout server 600s
  timeout tunnel 600s
  option http-keep-alive
  http-reuse always
frontend f
  bind 127.0.0.1:${port} ${protocol}${clear}
  default_backend b
backend b
  balance random(2)
  server s1 127.0.0.1:${back.port} ${back.protocol === "h2" ? "proto h2" : ""}
`;
}

export const haproxy: Peer = {
  name: "haproxy",
  missing: missingFor("haproxy"),
  can: () => true,
  command: (assignment) => [
    programs.haproxy,
    "-db",
    "-q",
    "-f",
    writeConfig(assignment.folder, "haproxy.cfg", config(assignment)),
  ],
};
