/** The ZooKeeper client on real servers over TLS, with client certificates, and with passwords by SASL. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { s } from "linkspan/plugin";
import { zkOptions } from "../../namers/zookeeper/connection-options.ts";
import { connection } from "../../namers/zookeeper/connection-schema.ts";
import { isZkError } from "../../namers/zookeeper/zk-error.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { tempFolder } from "../e2e/temp-folder.ts";
import { openClient, type TestClient } from "../fakes/zookeeper-client.ts";
import { authority } from "../servers/certificates.ts";
import { requireServer } from "../servers/require.ts";
import type { Generation } from "../servers/zookeeper-jars.ts";
import { saslOptions, tlsOptions } from "../servers/zookeeper-security.ts";
import { missingForZooKeeper, startZooKeeper } from "../servers/zookeeper.ts";

const schema = s.object(connection);
const nothing = Buffer.alloc(0);
const withTls: readonly Generation[] = ["3.8", "3.9"];

function openAs(port: number, baseDir: string, keys: object): TestClient {
  const { connectString, ...options } = zkOptions(schema.parse({ zkAddrs: `localhost:${port}`, ...keys }), baseDir);
  return openClient(connectString, { ...options, sessionTimeoutMs: 3_000 });
}

for (const generation of withTls) {
  test(
    `ZooKeeper ${generation} is trusted by its certificate and knows the client by its own`,
    { timeout: 60_000 },
    async (t) => {
      if (!requireServer(t, missingForZooKeeper(generation))) return;
      using trusted = authority();
      const { securePort, ...options } = await tlsOptions(trusted);
      const { certPath, keyPath } = trusted.issue("linkspan", { commonName: "linkspan" });
      await using server = await startZooKeeper({ generation, ...options });
      const tls = { trustCertsBundle: "ca.crt" };
      const open = (more: object): TestClient => openAs(securePort, trusted.folder.path, { tls: { ...tls, ...more } });
      await using opened = open({ clientAuth: { certPath, keyPath } });
      const acl = [{ permissions: 31, scheme: "x509", id: "CN=linkspan" }];
      await opened.client.create("/mine", Buffer.from("x"), "persistent", { acl });
      assert.equal((await opened.client.getData("/mine")).data.toString(), "x");
      await using plain = openClient(server.connectString);
      await assert.rejects(plain.client.getData("/mine"), (error) => isZkError(error, "NO_AUTH"));
      await using unknown = open({});
      await using misnamed = open({ commonName: "other.example", clientAuth: { certPath, keyPath } });
      for (const { client } of [unknown, misnamed])
        await eventually("a cause", () => client.state.tag === "connecting" && client.state.cause !== undefined);
      await server.restart();
      await opened.client.setData("/mine", nothing);
    },
  );
}

for (const generation of ["3.4", ...withTls] as const) {
  test(
    `ZooKeeper ${generation} takes a password by SASL, again after a restart, and no wrong one`,
    { timeout: 60_000 },
    async (t) => {
      if (!requireServer(t, missingForZooKeeper(generation))) return;
      using folder = tempFolder();
      await using server = await startZooKeeper({ generation, ...saslOptions(folder.path, { bob: "right" }) });
      const open = (password: string): TestClient =>
        openAs(server.port, folder.path, { sasl: { user: "bob", password } });
      await using opened = open("right");
      const acl = [{ permissions: 31, scheme: "sasl", id: "bob" }];
      await opened.client.create("/mine", nothing, "persistent", { acl });
      await using stranger = openClient(server.connectString);
      await assert.rejects(stranger.client.getData("/mine"), (error) => isZkError(error, "NO_AUTH"));
      await using wrong = open("wrong");
      // 3.4 closes the connection without a word.
      await eventually("refused", () => {
        const { state } = wrong.client;
        return "cause" in state && /password of bob by SASL/.test(state.cause?.message ?? "");
      });
      await server.restart();
      assert.equal((await opened.client.getData("/mine")).data.length, 0);
    },
  );
}
