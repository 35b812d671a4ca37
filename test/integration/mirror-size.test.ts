/** Mirrors of a whole registry, between a real Kubernetes and a real ZooKeeper: how fast, how much memory, how soon a change is there. */
import assert from "node:assert/strict";
import { join } from "node:path";
import { writeFileSync } from "node:fs";
import { after, before, describe, it, type TestContext } from "node:test";
import { USUAL_LEASE } from "../../namers/kubernetes/lease-candidate.ts";
import { openAccess } from "../../namers/kubernetes/access-schema.ts";
import { USUAL_TIMES } from "../../namers/kubernetes/reflector.ts";
import { ServiceNamer } from "../../namers/kubernetes/service-namer.ts";
import { ZkClient } from "../../namers/zookeeper/client.ts";
import { CuratorNamer } from "../../namers/zookeeper/curator-namer.ts";
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
import type { KubeObject, KubernetesAdmin } from "../servers/kubernetes-admin.ts";
import { kubernetesAnnouncerFixture } from "../servers/kubernetes-announcer-fixture.ts";
import {
  fillCurator,
  fillKubernetes,
  INSTANCES,
  NAMESPACE,
  nameOf,
  putInstance,
  putSlice,
  removeInstance,
} from "../servers/mirrored-services.ts";
import { requireServer } from "../servers/require.ts";
import { missingForZooKeeper, startZooKeeper, type ZooKeeperServer } from "../servers/zookeeper.ts";

const isLong = process.env["LINKSPAN_TESTS"] === "long";
/** The whole size where there is time for it. */
const SERVICES = isLong ? 2_000 : 100;
const CHANGES = isLong ? 200 : 40;
const FIRST_SYNC_MS = 60_000;
const MEMORY = 150e6;

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

interface Ends {
  readonly namer: Namer;
  readonly source: Path;
  readonly announcer: Announcer;
  readonly log: RecordingLog;
}

function mirrorOf({ namer, source, announcer, log }: Ends): Mirror {
  return new Mirror({
    name: "all-of-it",
    source: { namer, path: source, origin: { registry: "there", cluster: "here" } },
    announcer,
    target: Path.empty,
    owner: { group: "all-of-it", member: "one" },
    clock: systemClock,
    random: systemRandom,
    log,
    metrics: new MetricsRegistry(),
  });
}

interface Measured {
  readonly firstSyncMs: number;
  readonly bytes: number;
}

/** Runs the mirror until both sides agree; `before` is the memory in use without it. */
async function firstSync(mirror: Mirror, before: number): Promise<Measured> {
  const begun = performance.now();
  mirror.run();
  const published = (): boolean => mirror.status().totals.entries === SERVICES * INSTANCES;
  await eventually("all is published", published, FIRST_SYNC_MS);
  const firstSyncMs = performance.now() - begun;
  await eventually("both agree", () => mirror.status().agreedAt !== undefined, FIRST_SYNC_MS);
  return { firstSyncMs, bytes: (await heapInUse()) - before };
}

interface Changes {
  away(n: number, k: number): Promise<void>;
  back(n: number, k: number): Promise<void>;
  /** How many instances of it are seen at the target. */
  seen(n: number): Promise<number>;
}

/** How long each change took to be seen. */
async function followed({ away, back, seen }: Changes): Promise<readonly number[]> {
  const times: number[] = [];
  const measured = async (what: string, change: Promise<void>, n: number, wanted: number): Promise<void> => {
    await change;
    const changed = performance.now();
    await eventually(what, async () => (await seen(n)) === wanted, 10_000);
    times.push(performance.now() - changed);
  };
  for (let change = 0; change < CHANGES; change++) {
    const n = (change * 37) % SERVICES;
    const k = change % INSTANCES;
    await measured("withdrawn", away(n, k), n, INSTANCES - 1);
    // What comes and goes again and again waits: each instance does so once.
    await measured("published again", back(n, k), n, INSTANCES);
  }
  return times;
}

function assertMeasured(t: TestContext, { firstSyncMs, bytes }: Measured, times: readonly number[]): void {
  const p99 = percentile(times, 0.99);
  const [sync, megabytes, change] = [firstSyncMs, bytes / 1e6, p99].map(Math.round);
  t.diagnostic(`${SERVICES} services: first sync ${sync} ms, ${megabytes} MB, a change p99 ${change} ms`);
  assert.ok(bytes < MEMORY, `${bytes} bytes`);
  assert.ok(p99 < 1_000, `p99 ${p99} ms`);
}

const percentile = (times: readonly number[], share: number): number =>
  times.toSorted((a, b) => a - b)[Math.min(times.length - 1, Math.floor(times.length * share))] ?? NaN;

describe("a mirror of a whole registry", () => {
  const about = "is there within a minute, takes little memory, and follows each change within a second";

  it(`from Kubernetes to ZooKeeper ${about}`, { timeout: 900_000 }, async (t) => {
    if (!requireServer(t, missing) || !kubernetes || !zookeeper) return;
    const { admin } = kubernetes;
    await fillKubernetes(admin, SERVICES);
    const log = new RecordingLog();
    const context = testContext({ clock: systemClock, log });
    const kubeconfig = join(kubernetes.folder, "size.kubeconfig");
    writeFileSync(kubeconfig, kubernetes.kubeconfig());
    const open = await openAccess({ kubeconfig, inCluster: false }, context);
    await using scope = new AsyncDisposableStack();
    const witness = witnessOf(zookeeper, scope);
    const before = await heapInUse();
    const namer = scope.use(new ServiceNamer({ binds: "endpoints", open, times: USUAL_TIMES }, context));
    const connection = { connectString: `127.0.0.1:${zookeeper.port}`, sessionTimeoutMs: 20_000 };
    const places = { base: "/mirrored", electionPath: "/elections" };
    const announcer = scope.use(new ZkAnnouncer({ ...connection, ...places }, curatorEntries, context));
    const mirror = scope.use(mirrorOf({ namer, source: Path.of(NAMESPACE, "http", "*"), announcer, log }));
    const measured = await firstSync(mirror, before);
    const times = await followed({
      away: (n, k) => putSlice(admin, n, k),
      back: (n) => putSlice(admin, n),
      seen: async (n) => (await witness.getChildren(`/mirrored/${nameOf(n)}`)).children.length,
    });
    assertMeasured(t, measured, times);
    assert.deepEqual(log.told("bug"), []);
  });

  it(`from ZooKeeper to Kubernetes ${about}`, { timeout: 900_000 }, async (t) => {
    if (!requireServer(t, missing) || !kubernetes || !zookeeper) return;
    const { admin } = kubernetes;
    await using scope = new AsyncDisposableStack();
    const witness = witnessOf(zookeeper, scope);
    await fillCurator(witness, "/services", SERVICES);
    const log = new RecordingLog();
    const fixture = scope.use(
      await kubernetesAnnouncerFixture(kubernetes, { log }, { lease: USUAL_LEASE, headless: true }),
    );
    const before = await heapInUse();
    const reading = { port: "port", useDisabled: false, tags: [], meta: [], bindEmpty: false } as const;
    const connection = { connectString: `127.0.0.1:${zookeeper.port}`, sessionTimeoutMs: 20_000 };
    const context = testContext({ clock: systemClock, log });
    const namer = scope.use(new CuratorNamer({ ...connection, basePath: "/services", ...reading }, context));
    const mirror = scope.use(mirrorOf({ namer, source: Path.of("*"), announcer: fixture.announcer, log }));
    const measured = await firstSync(mirror, before);
    const times = await followed({
      away: (n, k) => removeInstance(witness, "/services", n, k),
      back: (n, k) => putInstance(witness, "/services", n, k),
      seen: (n) => endpointsIn(admin, fixture.namespace, nameOf(n)),
    });
    assertMeasured(t, measured, times);
    assert.deepEqual(log.told("bug"), []);
  });
});

function witnessOf({ port }: ZooKeeperServer, scope: AsyncDisposableStack): ZkClient {
  const witness = new ZkClient({ connectString: `127.0.0.1:${port}`, sessionTimeoutMs: 30_000 }, testContext());
  scope.defer(() => witness.close());
  witness.start();
  return witness;
}

async function endpointsIn(admin: KubernetesAdmin, namespace: string, service: string): Promise<number> {
  const place = `/apis/discovery.k8s.io/v1/namespaces/${namespace}/endpointslices`;
  const found = await admin.send("GET", `${place}?labelSelector=kubernetes.io/service-name%3D${service}`);
  return (found as { readonly items: readonly KubeObject[] }).items.flatMap((slice) => slice["endpoints"]).length;
}
