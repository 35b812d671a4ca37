/** Caddy as a peer. */
import { missingFor, programs } from "../../servers/installed.ts";
import { type Assignment, type Peer, writeConfig } from "./peer.ts";

function config({ front, tls, back, port }: Assignment): string {
  const protocols = front === "h1" ? "h1" : tls ? "h1 h2" : "h1 h2c";
  const certificate = tls ? `tls ${tls.certPath} ${tls.keyPath}` : "";
  return `{
 admin off
 auto_https off
 default_sni localhost
 servers {
  protocols ${protocols}
 }
}
${tls ? "https" : "http"}://:${port} {
 bind 127.0.0.1
 ${certificate}
 reverse_proxy ${back.protocol === "h2" ? "h2c" : "http"}://127.0.0.1:${back.port}
}
`;
}

export const caddy: Peer = {
  name: "caddy",
  missing: missingFor("caddy"),
  can: () => true,
  command: (assignment) => {
    const file = writeConfig(assignment.folder, "Caddyfile", config(assignment));
    const homes = [
      `HOME=${assignment.folder}`,
      `XDG_CONFIG_HOME=${assignment.folder}`,
      `XDG_DATA_HOME=${assignment.folder}`,
    ];
    return ["env", ...homes, programs.caddy, "run", "--adapter", "caddyfile", "--config", file];
  },
};
