/** linkspan itself: the built package, started by its command as it is installed. */
import { existsSync } from "node:fs";
import { join } from "node:path";
import { type Assignment, type Peer, writeConfig } from "./peer.ts";

const root = join(import.meta.dirname, "../../..");

/** HTTP/1 names requests by method and host as the README's first example does; HTTP/2 by its authority. */
function config({ front, tls, back, port }: Assignment, workers: number): string {
  const identifier = front === "h1" ? "  identifier: {kind: io.l5d.methodAndHost}\n" : "";
  const keys = tls ? `, tls: {certPath: ${tls.certPath}, keyPath: ${tls.keyPath}}` : "";
  const protocol = back.protocol === "h2" ? "h2" : "http";
  return `workers: ${workers}
admin: {port: 0}
routers:
- protocol: ${front === "h2" ? "h2" : "http"}
${identifier}  dtab: /svc => /$/inet/127.0.0.1/${back.port}
  client: {protocol: ${protocol}, loadBalancer: {kind: ewma}, requestAttemptTimeoutMs: 30000}
  service: {totalTimeoutMs: 60000}
  servers: [{port: ${port}${keys}}]
`;
}

export function linkspan(workers: number, name: string): Peer {
  const isBuilt = existsSync(join(root, "dist/src/main.js"));
  return {
    name,
    missing: isBuilt ? undefined : "dist/ is missing: npm run build",
    can: () => true,
    command: (assignment) => {
      const file = writeConfig(assignment.folder, "linkspan.yaml", config(assignment, workers));
      return [join(root, "bin/linkspan.cjs"), "run", file];
    },
  };
}
