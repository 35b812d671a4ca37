/** Who else watches a real ZooKeeper, of each generation: by its four-letter words, and where these are not allowed by its AdminServer. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { toldByAdmin } from "../../namers/zookeeper/admin-server.ts";
import { ZkClient } from "../../namers/zookeeper/client.ts";
import { otherClients } from "../../namers/zookeeper/other-clients.ts";
import { systemClock } from "../../src/base/time.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { freePort } from "../servers/free-port.ts";
import { requireServer } from "../servers/require.ts";
import { startZooKeeper } from "../servers/zookeeper.ts";
import { type Generation, generations, missingForZooKeeper } from "../servers/zookeeper-jars.ts";

const never = new AbortController().signal;

/** AdminServer came with 3.5; its servlets are what the package's manifest forgets. */
function settings(generation: Generation, adminPort: number) {
  if (generation === "3.4") return { generation };
  const admin = ["admin.enableServer=true", "admin.serverAddress=127.0.0.1", `admin.serverPort=${adminPort}`];
  const java = ["-Xbootclasspath/a:/usr/share/java/servlet-api.jar"];
  return { generation, config: [...admin, "4lw.commands.whitelist=srvr,wchp,cons"], java };
}

describe("who else watches a ZooKeeper", () => {
  for (const generation of generations) {
    it(`is told by ${generation}`, { timeout: 120_000 }, async (t) => {
      if (!requireServer(t, missingForZooKeeper(generation))) return;
      const adminPort = await freePort();
      await using server = await startZooKeeper(settings(generation, adminPort));
      const context = testContext({ clock: systemClock });
      const legacy = new ZkClient({ connectString: server.connectString, sessionTimeoutMs: 10_000 }, context);
      legacy.start();
      try {
        await legacy.create("/services", Buffer.from(""));
        const watched = legacy.watcher(() => undefined);
        await legacy.getData("/services", watched);
        const options = { connectString: server.connectString };
        const { clients, unknown } = await otherClients(options, { path: "/services", own: undefined }, context, never);
        assert.deepEqual(unknown, []);
        assert.deepEqual(
          clients.map(({ watches, example }) => [watches, example]),
          [[1, "/services"]],
        );
        if (generation === "3.4") return;
        const told = await toldByAdmin("127.0.0.1", "/services", context, never, adminPort);
        const [[session] = [], ...others] = told.watches;
        assert.deepEqual(others, []);
        assert.equal(told.addresses.get(session ?? ""), clients[0]?.address);
      } finally {
        await legacy.close();
      }
    });
  }
});
