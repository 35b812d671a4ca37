/** A mirror of 2,000 services with ten instances each, once each way between a real Kubernetes and a real ZooKeeper. */
import { percentile } from "../../load/percentile.ts";
import { missingForKubernetes, startKubernetes } from "../../servers/kubernetes.ts";
import {
  type MeasuredMirror,
  measureToKubernetes,
  measureToZooKeeper,
  type MirrorEnds,
  type MirrorSize,
} from "../../servers/measured-mirror.ts";
import { missingForZooKeeper, startZooKeeper } from "../../servers/zookeeper.ts";
import type { Peer } from "../peers/peer.ts";
import type { Site } from "../site.ts";
import type { Table } from "../table.ts";

const SIZE: MirrorSize = { services: 2_000, changes: 200 };

type Measure = (ends: MirrorEnds, size: MirrorSize) => Promise<MeasuredMirror>;

const ways: Readonly<Record<string, Measure>> = {
  "Kubernetes to ZooKeeper": measureToZooKeeper,
  "ZooKeeper to Kubernetes": measureToKubernetes,
};

/** On registries of their own each, so that neither finds what the other wrote. */
async function measured(way: string, measure: Measure): Promise<readonly string[]> {
  await using kubernetes = await startKubernetes({ controllers: false });
  await using zookeeper = await startZooKeeper();
  const { firstSyncMs, bytes, times } = await measure({ kubernetes, zookeeper }, SIZE);
  const shares = [0.5, 0.99, 1].map((share) => percentile(times, share).toFixed(0));
  return [way, (firstSyncMs / 1000).toFixed(1), (bytes / 1e6).toFixed(0), ...shares, String(times.length)];
}

async function run(_peers: readonly Peer[], _site: Site, tell: (line: string) => void): Promise<readonly Table[]> {
  const missing = missingForKubernetes() ?? missingForZooKeeper();
  if (missing !== undefined) throw new Error(missing);
  const rows: (readonly string[])[] = [];
  for (const [way, measure] of Object.entries(ways)) {
    tell(`a mirror from ${way}`);
    const row = await measured(way, measure);
    tell(row.join(" "));
    rows.push(row);
  }
  const heads = ["from, to", "first sync s", "heap MB", "change ms p50", "p99", "most", "changes"];
  return [{ title: "Mirrors of a whole registry", heads, rows }];
}

export const mirror = {
  about: `A mirror of ${SIZE.services} services with ten instances each, on a real Kubernetes API server and a real ZooKeeper`,
  run,
};
