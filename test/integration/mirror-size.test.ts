/** Mirrors of a whole registry, between a real Kubernetes and a real ZooKeeper: how fast, how much memory, how soon a change is there. */
import assert from "node:assert/strict";
import { after, before, describe, it, type TestContext } from "node:test";
import { percentile } from "../load/percentile.ts";
import { missingForKubernetes, startKubernetes } from "../servers/kubernetes.ts";
import {
  type MeasuredMirror,
  measureToKubernetes,
  measureToZooKeeper,
  type MirrorEnds,
} from "../servers/measured-mirror.ts";
import { requireServer } from "../servers/require.ts";
import { missingForZooKeeper, startZooKeeper } from "../servers/zookeeper.ts";

const isLong = process.env["LINKSPAN_TESTS"] === "long";
/** The whole size where there is time for it, and by `npm run bench -- mirror`. */
const SIZE = isLong ? { services: 2_000, changes: 200 } : { services: 100, changes: 40 };
const FIRST_SYNC_MS = 60_000;
const MEMORY = 150e6;

const missing = missingForKubernetes() ?? missingForZooKeeper();
let ends: (MirrorEnds & { readonly close: () => Promise<void> }) | undefined;

before(async () => {
  if (missing !== undefined) return;
  await using opened = new AsyncDisposableStack();
  const kubernetes = opened.use(await startKubernetes({ controllers: false }));
  const zookeeper = opened.use(await startZooKeeper());
  const kept = opened.move();
  ends = { kubernetes, zookeeper, close: () => kept.disposeAsync() };
});
after(() => ends?.close());

function assertMeasured(t: TestContext, { firstSyncMs, bytes, times, bugs }: MeasuredMirror): void {
  const p99 = percentile(times, 0.99);
  const [sync, megabytes, change] = [firstSyncMs, bytes / 1e6, p99].map(Math.round);
  t.diagnostic(`${SIZE.services} services: first sync ${sync} ms, ${megabytes} MB, a change p99 ${change} ms`);
  assert.ok(firstSyncMs < FIRST_SYNC_MS, `${firstSyncMs} ms`);
  assert.ok(bytes < MEMORY, `${bytes} bytes`);
  assert.ok(p99 < 1_000, `p99 ${p99} ms`);
  assert.equal(bugs, 0);
}

describe("a mirror of a whole registry", () => {
  const about = "is there within a minute, takes little memory, and follows each change within a second";
  const ways = { "Kubernetes to ZooKeeper": measureToZooKeeper, "ZooKeeper to Kubernetes": measureToKubernetes };

  for (const [way, measure] of Object.entries(ways)) {
    it(`from ${way} ${about}`, { timeout: 900_000 }, async (t) => {
      if (!requireServer(t, missing) || ends === undefined) return;
      assertMeasured(t, await measure(ends, SIZE));
    });
  }
});
