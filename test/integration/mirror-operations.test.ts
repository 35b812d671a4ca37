/** `linkspan drift`, `mirror status` and `mirror approve` on a mirror from a real ZooKeeper to a real Kubernetes. */
import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ZkClient } from "../../namers/zookeeper/client.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { runCli, spawnDaemon } from "../e2e/cli.ts";
import { tempFolder } from "../e2e/temp-folder.ts";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { waitUntil } from "../load/wait-until.ts";
import { missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import { namespaceObject, serviceObject, sliceObject } from "../servers/kubernetes-objects.ts";
import { requireServer } from "../servers/require.ts";
import { missingForZooKeeper, startZooKeeper } from "../servers/zookeeper.ts";

const missing = missingForKubernetes() ?? missingForZooKeeper();

interface Answer {
  readonly mirrors: readonly { readonly counts: Readonly<Record<string, number>> }[];
}

test(
  "what ZooKeeper has lost drifts in Kubernetes until it is approved, and an instance of both counts once",
  { timeout: 300_000 },
  async (t) => {
    if (!requireServer(t, missing)) return;
    await using stack = new AsyncDisposableStack();
    const kubernetes = stack.use(await startKubernetes({ controllers: false }));
    const zookeeper = stack.use(await startZooKeeper());
    await kubernetes.admin.put(namespaceObject("shop"));
    const legacy = new ZkClient({ connectString: zookeeper.connectString, sessionTimeoutMs: 10_000 }, testContext());
    stack.defer(() => legacy.close());
    legacy.start();
    const ns = Array.from({ length: 30 }, (_, n) => n + 1);
    const pathOf = (n: number): string => `/services/orders/i-${n}`;
    for (const path of ["/services", "/services/orders"]) await legacy.create(path, Buffer.alloc(0), "persistent");
    for (const n of ns) {
      const data = curatorJson("orders", { id: `i-${n}`, host: `10.1.0.${n}`, port: 9000 });
      await legacy.create(pathOf(n), data, "persistent");
    }
    const kubeconfig = join(kubernetes.folder, "operations.kubeconfig");
    writeFileSync(kubeconfig, kubernetes.kubeconfig());
    using folder = tempFolder();
    const file = folder.write(
      "linkspan.yaml",
      `admin: {port: 0}
routers: [{protocol: http, dtab: /svc => /#/io.l5d.curator, servers: [{port: 0}]}]
namers:
- {kind: io.l5d.curator, zkAddrs: "${zookeeper.connectString}", basePath: /services}
- {kind: io.l5d.k8s, kubeconfig: ${kubeconfig}}
mirrors:
- name: orders-to-k8s
  from: /#/io.l5d.curator/orders
  to: {kind: io.l5d.k8s, namespace: shop, service: orders, ports: [{name: http, port: 80}]}
  probe: false
  interval: 4s
  deleteCap: 0
`,
    );
    const first = await spawnDaemon(file);
    const drifted = async (admin: readonly string[], more: readonly string[] = ["--all", "--within", "0s"]) => {
      const { code, out, err } = await runCli(["drift", ...more, "--json", ...admin]);
      assert.notEqual(out, "", err);
      const { same, missing: lacking, ghost, dual } = (JSON.parse(out) as Answer).mirrors[0]?.counts ?? {};
      return { code, shown: [same, lacking, ghost, dual] };
    };
    const adminOf = (port: number): readonly string[] => ["--admin", `127.0.0.1:${port}`];
    let seen: Awaited<ReturnType<typeof drifted>> = { code: null, shown: [] };
    await waitUntil("all are published", 60_000, async () => {
      seen = await drifted(adminOf(first.adminPort));
      return seen.shown[0] === ns.length;
    });
    assert.deepEqual(seen, { code: 0, shown: [ns.length, 0, 0, 0] });

    // Kubernetes has one of them by itself, under a name of its own.
    await kubernetes.admin.put(serviceObject({ name: "native", namespace: "shop" }));
    const endpoints = [{ addresses: ["10.1.0.1"], conditions: { ready: true } }];
    await kubernetes.admin.put(
      sliceObject({ name: "native-a", namespace: "shop", service: "native", port: 9000, endpoints }),
    );
    const paths = ["--config", file, "--from", "/#/io.l5d.curator/orders", "--to", "/#/io.l5d.k8s/shop/http/native"];
    paths.push("--within", "0s");
    assert.deepEqual((await drifted([], paths)).shown, [0, ns.length - 1, 0, 1]);

    first.process.signal("SIGTERM");
    await first.process.endWithin(30_000);
    await first[Symbol.asyncDispose]();
    for (const n of ns.slice(1)) await legacy.delete(pathOf(n));
    await using second = await spawnDaemon(file);
    const admin = adminOf(second.adminPort);
    const told = async (pattern: RegExp): Promise<boolean> =>
      pattern.test((await runCli(["mirror", "status", ...admin])).out);
    await waitUntil("they are held", 60_000, () => told(/held: .*absent/));
    // What is other for less than the objective lags; the command waits that long.
    const ghosts = await drifted(admin, ["orders-to-k8s", "--within", "5s"]);
    const [same, lacking, left = 0] = ghosts.shown;
    assert.deepEqual([ghosts.code, same, lacking], [1, 1, 0]);
    assert.ok(left >= 20 && left < ns.length, `one after another has its turn: ${left}`);
    await waitUntil("they wait for their turn", 60_000, () =>
      told(/\d looks agree, waits for its turn or an approval/),
    );
    const approved = await runCli(["mirror", "approve", "orders-to-k8s", "--reason", "they are gone", ...admin]);
    assert.equal(approved.code, 0, approved.out + approved.err);
    await waitUntil("they are gone", 10_000, async () => {
      seen = await drifted(admin);
      return seen.shown[2] === 0;
    });
    assert.deepEqual(seen, { code: 0, shown: [1, 0, 0, 0] });
  },
);
