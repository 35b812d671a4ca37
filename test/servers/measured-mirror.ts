/** A mirror of a whole registry between a real Kubernetes and a real ZooKeeper, measured: first sync, memory, and how soon a change is there. */
import { join } from "node:path";
import { writeFileSync } from "node:fs";
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
import type { KubernetesServer } from "./kubernetes.ts";
import type { KubeObject, KubernetesAdmin } from "./kubernetes-admin.ts";
import { kubernetesAnnouncerFixture } from "./kubernetes-announcer-fixture.ts";
import {
  fillCurator,
  fillKubernetes,
  INSTANCES,
  NAMESPACE,
  nameOf,
  putInstance,
  putSlice,
  removeInstance,
} from "./mirrored-services.ts";
import type { ZooKeeperServer } from "./zookeeper.ts";

/** Longer than any target: who measures says how long it took. */
const WITHIN_MS = 300_000;

export interface MirrorSize {
  readonly services: number;
  /** Instances that are taken away and come back. */
  readonly changes: number;
}

export interface MirrorEnds {
  readonly kubernetes: KubernetesServer;
  readonly zookeeper: ZooKeeperServer;
}

export interface MeasuredMirror {
  readonly firstSyncMs: number;
  /** Of heap that the mirror and both its clients take. */
  readonly bytes: number;
  /** How long each change took to be seen at the other side, ms. */
  readonly times: readonly number[];
  readonly bugs: number;
}

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

/** Runs the mirror until both sides agree; `before` is the memory in use without it. */
async function firstSync(
  mirror: Mirror,
  before: number,
  { services }: MirrorSize,
): Promise<Pick<MeasuredMirror, "firstSyncMs" | "bytes">> {
  const begun = performance.now();
  mirror.run();
  const published = (): boolean => mirror.status().totals.entries === services * INSTANCES;
  await eventually("all is published", published, WITHIN_MS);
  const firstSyncMs = performance.now() - begun;
  await eventually("both agree", () => mirror.status().agreedAt !== undefined, WITHIN_MS);
  return { firstSyncMs, bytes: (await heapInUse()) - before };
}

interface Changes {
  away(n: number, k: number): Promise<void>;
  back(n: number, k: number): Promise<void>;
  /** How many instances of it are seen at the target. */
  seen(n: number): Promise<number>;
}

/** How long each change took to be seen. */
async function followed({ services, changes }: MirrorSize, { away, back, seen }: Changes): Promise<readonly number[]> {
  const times: number[] = [];
  const measured = async (what: string, change: Promise<void>, n: number, wanted: number): Promise<void> => {
    await change;
    const changed = performance.now();
    await eventually(what, async () => (await seen(n)) === wanted, 10_000);
    times.push(performance.now() - changed);
  };
  for (let change = 0; change < changes; change++) {
    const n = (change * 37) % services;
    const k = change % INSTANCES;
    await measured("withdrawn", away(n, k), n, INSTANCES - 1);
    // What comes and goes again and again waits: each instance does so once.
    await measured("published again", back(n, k), n, INSTANCES);
  }
  return times;
}

/** From Kubernetes, which it fills. */
export async function measureToZooKeeper(
  { kubernetes, zookeeper }: MirrorEnds,
  size: MirrorSize,
): Promise<MeasuredMirror> {
  const { admin } = kubernetes;
  await fillKubernetes(admin, size.services);
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
  const measured = await firstSync(mirror, before, size);
  const times = await followed(size, {
    away: (n, k) => putSlice(admin, n, k),
    back: (n) => putSlice(admin, n),
    seen: async (n) => (await witness.getChildren(`/mirrored/${nameOf(n)}`)).children.length,
  });
  return { ...measured, times, bugs: log.told("bug").length };
}

/** From ZooKeeper, which it fills. */
export async function measureToKubernetes(
  { kubernetes, zookeeper }: MirrorEnds,
  size: MirrorSize,
): Promise<MeasuredMirror> {
  const { admin } = kubernetes;
  await using scope = new AsyncDisposableStack();
  const witness = witnessOf(zookeeper, scope);
  await fillCurator(witness, "/services", size.services);
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
  const measured = await firstSync(mirror, before, size);
  const times = await followed(size, {
    away: (n, k) => removeInstance(witness, "/services", n, k),
    back: (n, k) => putInstance(witness, "/services", n, k),
    seen: (n) => endpointsIn(admin, fixture.namespace, nameOf(n)),
  });
  return { ...measured, times, bugs: log.told("bug").length };
}

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
