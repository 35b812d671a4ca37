/** nghttpx as a peer: one worker. */
import { missingFor, programs } from "../../servers/installed.ts";
import type { Assignment, Peer } from "./peer.ts";

function args({ front, tls, back, port }: Assignment): readonly string[] {
  const clear = tls ? "" : ";no-tls";
  return [
    "--conf=/dev/null",
    "--workers=1",
    "--errorlog-file=/dev/null",
    "--frontend-http2-max-concurrent-streams=1000",
    `--npn-list=${front === "h2" ? "h2" : "http/1.1"}`,
    `--frontend=127.0.0.1,${port}${clear}`,
    `--backend=127.0.0.1,${back.port};;proto=${back.protocol === "h2" ? "h2" : "http/1.1"}`,
    ...(tls ? [tls.keyPath, tls.certPath] : []),
  ];
}

export const nghttpx: Peer = {
  name: "nghttpx",
  missing: missingFor("nghttpx"),
  can: () => true,
  command: (assignment) => [programs.nghttpx, ...args(assignment)],
};
