/** Mirrors of a whole registry, between a real Kubernetes and a real ZooKeeper: how fast, how much memory, how soon a change is there. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { after, before, describe, it } from "node:test";
import { openAccess } from "../../namers/kubernetes/access-schema.ts";
import { USUAL_TIMES } from "../../namers/kubernetes/reflector.ts";
import { ServiceNamer } from "../../namers/kubernetes/service-namer.ts";
import { ZkClient } from "../../namers/zookeeper/client.ts";
import { curatorEntries } from "../../namers/zookeeper/curator-entry.ts";
import { ZkAnnouncer } from "../../namers/zookeeper/zk-announcer.ts";
import { MetricsRegistry } from "../../src/base/metrics-registry.ts";
import { systemClock, systemRandom } from "../../src/base/time.ts";
import { Mirror } from "../../src/bridge/mirror.ts";
import { Path } from "../../src/naming/path.ts";
import type { Announcer } from "../../src/naming/announcer.ts";
import type { Namer } from "../../src/naming/namer.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { heapInUse } from "../e2e/heap.ts";
import { type KubernetesServer, missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import { fillKubernetes, INSTANCES, NAMESPACE, nameOf, putSlice } from "../servers/mirrored-services.ts";
import { requireServer } from "../servers/require.ts";
import { missingForZooKeeper, startZooKeeper, type ZooKeeperServer } from "../servers/zookeeper.ts";

const isLong = process.env["LINKSPAN_TESTS"] === "long";
/** The whole size where there is time for it. */
const SERVICES = isLong ? 2_000 : 100;
const CHANGES = isLong ? 200 : 40;
const FIRST_SYNC_MS = 60_000;
const MEMORY = 150e6;
const BASE = "/services";

const missing = missingForKubernetes() ?? missingForZooKeeper();
let kubernetes: KubernetesServer | undefined;
let zookeeper: ZooKeeperServer | undefined;

before(async () => {
  if (missing !== undefined) return;
  kubernetes = await startKubernetes({ controllers: false });
  zookeeper = await startZooKeeper();
});
after(async () => {
  await kubernetes?.[Symbol.asyncDispose]();
  await zookeeper?.[Symbol.asyncDispose]();
});

function mirrorOf(namer: Namer, announcer: Announcer, log: RecordingLog): Mirror {
  return new Mirror({
    name: "all-to-legacy",
    source: { namer, path: Path.of(NAMESPACE, "http", "*"), origin: { registry: "io.l5d.k8s", cluster: "here" } },
    announcer,
    target: Path.empty,
    owner: { group: "all-to-legacy", member: "one" },
    clock: systemClock,
    random: systemRandom,
    log,
    metrics: new MetricsRegistry(),
  });
}

const percentile = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;

describe("a mirror of a whole registry", () => {
  it(
    "is there within a minute, takes little memory, and follows each change within a second",
    { timeout: 900_000 },
    async (t) => {
      if (!requireServer(t, missing) || !kubernetes || !zookeeper) return;
      const { admin } = kubernetes;
      await fillKubernetes(admin, SERVICES);
      const log = new RecordingLog();
      const context = testContext({ clock: systemClock, log });
      const kubeconfig = join(kubernetes.folder, "size.kubeconfig");
      writeFileSync(kubeconfig, kubernetes.kubeconfig());
      const connectString = `127.0.0.1:${zookeeper.port}`;
      const places = { base: BASE, electionPath: "/elections" };
      const open = await openAccess({ kubeconfig, inCluster: false }, context);
      await using scope = new AsyncDisposableStack();
      const witness = new ZkClient({ connectString, sessionTimeoutMs: 30_000 }, testContext());
      scope.defer(() => witness.close());
      witness.start();
      const before = await heapInUse();
      const namer = scope.use(new ServiceNamer({ binds: "endpoints", open, times: USUAL_TIMES }, context));
      const announcer = scope.use(
        new ZkAnnouncer({ connectString, sessionTimeoutMs: 20_000, ...places }, curatorEntries, context),
      );
      const mirror = scope.use(mirrorOf(namer, announcer, log));
      const begun = performance.now();
      mirror.run();
      const published = (): boolean => mirror.status().totals.entries === SERVICES * INSTANCES;
      await eventually("all is published", published, FIRST_SYNC_MS);
      const tookMs = performance.now() - begun;
      await eventually("both agree", () => mirror.status().agreedAt !== undefined, FIRST_SYNC_MS);
      const childrenOf = async (n: number): Promise<number> =>
        (await witness.getChildren(`${BASE}/${nameOf(n)}`)).children.length;
      assert.equal((await witness.getChildren(BASE)).children.length, SERVICES);
      assert.equal(await childrenOf(SERVICES - 1), INSTANCES);
      const bytes = (await heapInUse()) - before;
      const times: number[] = [];
      for (let change = 0; change < CHANGES; change++) {
        const n = (change * 37) % SERVICES;
        await putSlice(admin, n, change % INSTANCES);
        const changed = performance.now();
        await eventually("withdrawn", async () => (await childrenOf(n)) === INSTANCES - 1, 10_000);
        times.push(performance.now() - changed);
        await putSlice(admin, n);
        await eventually("published again", async () => (await childrenOf(n)) === INSTANCES, 10_000);
      }
      t.diagnostic(
        `${SERVICES} services: first sync ${Math.round(tookMs)} ms, ${Math.round(bytes / 1e6)} MB, a change p99 ${Math.round(percentile(times, 0.99))} ms`,
      );
      assert.ok(bytes < MEMORY, `${bytes} bytes`);
      assert.ok(percentile(times, 0.99) < 1_000, `p99 ${percentile(times, 0.99)} ms`);
      assert.deepEqual(log.told("bug"), []);
    },
  );
});
