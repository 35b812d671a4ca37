/** `linkspan usage` and `linkspan decommission plan`, of a real ZooKeeper that somebody else's client watches. */
import assert from "node:assert/strict";
import { once } from "node:events";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { ZkClient } from "../../namers/zookeeper/client.ts";
import type { DecommissionPlan, Usage } from "../../src/bridge/decommission.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { runCli, spawnDaemon } from "../e2e/cli.ts";
import { tempFolder } from "../e2e/temp-folder.ts";
import { requireServer } from "../servers/require.ts";
import { missingForZooKeeper, startZooKeeper } from "../servers/zookeeper.ts";

const missing = missingForZooKeeper();

const configuration = (port: number): string => `
admin: {port: 0}
snapshot: {path: state/snapshot}
routers:
- {protocol: http, identifier: {kind: io.l5d.header.token, header: name}, dtab: /svc => /#/zk, servers: [{port: 0}]}
namers:
- {kind: io.l5d.curator, prefix: /zk, zkAddrs: "127.0.0.1:${port}", basePath: /services}
`;

const instance = (port: number): string =>
  JSON.stringify({ name: "users", id: "i1", address: "127.0.0.1", port, serviceType: "DYNAMIC" });

test(
  "what was asked of ZooKeeper, and who else watches it, is in the way of switching it off",
  { timeout: 90_000 },
  async (t) => {
    if (!requireServer(t, missing)) return;
    await using stack = new AsyncDisposableStack();
    const zookeeper = stack.use(await startZooKeeper());
    const backend = createServer((_, response) => response.end("ok")).listen(0, "127.0.0.1");
    stack.defer(() => void backend.close());
    await once(backend, "listening");
    const legacy = new ZkClient(
      { connectString: `127.0.0.1:${zookeeper.port}`, sessionTimeoutMs: 10_000 },
      testContext(),
    );
    stack.defer(() => legacy.close());
    legacy.start();
    await legacy.create("/services", Buffer.from(""));
    await legacy.create("/services/users", Buffer.from(""));
    await legacy.create("/services/users/i1", Buffer.from(instance((backend.address() as AddressInfo).port)));
    await legacy.getData(
      "/services/users/i1",
      legacy.watcher(() => undefined),
    );
    using folder = tempFolder();
    const file = folder.write("linkerd.yaml", configuration(zookeeper.port));

    const ask = async (port: number, ...argv: readonly string[]) => {
      const { code, out, err } = await runCli([...argv, "--json", "--admin", `127.0.0.1:${port}`]);
      assert.equal(err, "");
      return { code, data: JSON.parse(out) as unknown };
    };
    await using first = await spawnDaemon(file);
    for (let n = 0; n < 3; n++) {
      const answer = await fetch(`http://127.0.0.1:${first.port}/`, { headers: { name: "users" } });
      assert.equal(await answer.text(), "ok");
    }
    const asked = await ask(first.adminPort, "usage", "--source", "zk");
    const { names, others, countedSince, since } = asked.data as Usage;
    assert.equal(asked.code, 1);
    assert.deepEqual(
      names.map(({ id, requests, callers, hosts }) => [id, requests, callers[0]?.name, hosts[0]?.address]),
      [["/#/zk/users", 3, "/svc/users", "127.0.0.1"]],
    );
    assert.deepEqual([others.unknown, others.clients.length, countedSince > since], [[], 1, true]);
    assert.match(others.clients[0]?.address ?? "", /^127\.0\.0\.1:\d+$/);
    assert.equal(others.clients[0]?.example, "/services/users/i1");
    first.process.signal("SIGTERM");
    await first.process.endWithin(20_000);

    // What was counted outlives the process.
    await using second = await spawnDaemon(file);
    const plan = await ask(second.adminPort, "decommission", "plan", "io.l5d.curator");
    const kinds = (plan.data as DecommissionPlan).blocks.map(({ kind }) => kind);
    assert.deepEqual([plan.code, kinds], [1, ["used", "client", "unknown"]]);
    const { code, err } = await runCli(["usage", "--source", "other", "--admin", `127.0.0.1:${second.adminPort}`]);
    assert.equal(code, 2);
    assert.match(err, /there are zk/);
  },
);
