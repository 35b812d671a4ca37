// One name that clients with TLS and clients without it call, each at the port that is for them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { startBackend } from "../load/backend.ts";
import { type Answer, askOnce } from "../load/open-load.ts";
import { waitUntil } from "../load/wait-until.ts";
import { authority } from "../servers/certificates.ts";
import { shownEndpoints, startDaemon } from "./daemon.ts";
import { httpsBackend, pem } from "./tls-site.ts";

const host = "127.0.0.1";
const SERVICE = "users.example";

/** Of the same name a router without TLS, and one with it. */
const configuration = (zookeeper: string, caPath: string): string => `
admin: {port: 0}
namers:
- {kind: io.l5d.curator, zkAddrs: "${zookeeper}", basePath: /services, port: byTls}
routers:
- {protocol: http, label: plain, dtab: /svc => /#/io.l5d.curator, servers: [{port: 0}]}
- protocol: http
  label: secure
  dtab: /svc => /#/io.l5d.curator
  servers: [{port: 0}]
  client: {tls: {commonName: ${SERVICE}, trustCerts: ["${caPath}"]}}
`;

describe("a name whose instances have a port for TLS", { timeout: 60_000 }, () => {
  for (const workers of [0, 2]) {
    it(`is called there by a client with TLS, and at the other by one without, by ${workers} workers`, async () => {
      using ca = authority();
      await using zookeeper = await FakeZooKeeper.start();
      await using plain = await startBackend("plain");
      const files = pem(ca.issue("users", { commonName: SERVICE }));
      await using secure = await httpsBackend(files, (_, response) => void response.end("secure"));
      await using moved = await httpsBackend(files, (_, response) => void response.end("moved"));
      const register = (sslPort: number | null): void =>
        zookeeper.set(
          "/services/users.example/i-1",
          curatorJson(SERVICE, { id: "i-1", host, port: plain.port }, { sslPort }),
        );
      register(secure.port);
      const text = `workers: ${workers}\n${configuration(zookeeper.connectString, ca.caPath)}`;
      await using daemon = await startDaemon(text);
      const ports = daemon.daemon.servers.map(({ port }) => port);
      const ask = (router: "plain" | "secure"): Promise<Answer> =>
        askOnce({ port: ports[router === "plain" ? 0 : 1] ?? 0, host: SERVICE });
      assert.equal((await ask("plain")).body, "plain");
      assert.equal((await ask("secure")).body, "secure");
      assert.equal(plain.requests, 1);
      assert.deepEqual(
        await shownEndpoints(daemon),
        [plain.port, secure.port].map((port) => `${host}:${port}`).toSorted(),
      );

      register(moved.port);
      await waitUntil("the new port for TLS is called", 5_000, async () => (await ask("secure")).body === "moved");
      assert.equal((await ask("plain")).body, "plain");
    });
  }
});
