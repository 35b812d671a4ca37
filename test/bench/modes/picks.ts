/** What it takes to choose an endpoint, and to be told how the exchange ended: of each balancer, plain and with all that a cluster adds. */
import { silentLog } from "../../../src/base/log.ts";
import type { Balancer, Candidate } from "../../../src/cluster/balancer.ts";
import { balanced } from "../../../src/cluster/balancing/balanced.ts";
import type { Plugin } from "../../../src/config/plugin.ts";
import { Layout } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import aperture from "../../../src/plugins/balancers/aperture.ts";
import ewma from "../../../src/plugins/balancers/ewma.ts";
import heap from "../../../src/plugins/balancers/heap.ts";
import p2c from "../../../src/plugins/balancers/p2c.ts";
import roundRobin from "../../../src/plugins/balancers/round-robin.ts";
import { systemRandom } from "../../../src/base/time.ts";
import { balancerOf, candidate, type FakeCandidate } from "../../fakes/candidates.ts";
import { plainExchange } from "../../fakes/plain-exchange.ts";
import type { Peer } from "../peers/peer.ts";
import type { Site } from "../site.ts";
import type { Table } from "../table.ts";

const PICKS = 1_000_000;
const WARM_UP = 200_000;

const kinds: readonly Plugin<"balancer">[] = [p2c, ewma, aperture, heap, roundRobin] as never;

type Added = "nothing" | "panic and slow start" | "and one is warming up" | "and locality" | "and sticky";
const columns: readonly Added[] = [
  "nothing",
  "panic and slow start",
  "and one is warming up",
  "and locality",
  "and sticky",
];

function withAll(inner: Balancer, added: Added): Balancer {
  if (added === "nothing") return inner;
  return balanced(inner, {
    cluster: "",
    log: silentLog,
    zone: { name: "a" },
    random: systemRandom,
    slowStartMs: added === "and one is warming up" ? 1e12 : 10_000,
    panicThreshold: 0.5,
    locality: added === "and locality" ? { minOpen: 1, share: 0.5 } : undefined,
    stickyBy: added === "and sticky" ? "x-user" : undefined,
  });
}

/** Its endpoints, of which the last came later. */
function filled(balancer: Balancer, size: number): readonly FakeCandidate[] {
  const all = Array.from({ length: size }, (_, at) => {
    const address = { host: "10.0.0.1", port: at + 1, weight: 1, meta: { zone: "a" } };
    return candidate(balancer, address, at === size - 1 ? 1 : 0);
  });
  balancer.update(all.slice(0, -1));
  balancer.update(all);
  for (const each of all) each.load = balancer.newLoad(0, each);
  return all;
}

/** Nanoseconds of one choice, its start and its end; and bytes that were allocated for it. */
function measure(balancer: Balancer, size: number): readonly [number, number] {
  filled(balancer, size);
  const exchanges = Array.from({ length: 64 }, (_, at) => {
    const x = plainExchange(new Layout());
    x.request.headers = HeaderList.of([["x-user", `user-${at * 7919}`]]);
    return x;
  });
  let now = 20_000;
  const run = (picks: number): void => {
    for (let n = 0; n < picks; n++) {
      now += 0.05;
      const { load } = balancer.pick(exchanges[n & 63] as (typeof exchanges)[0], now) as Candidate;
      load.started(now);
      load.ended(now + 1, now, true);
    }
  };
  run(WARM_UP);
  const heapBefore = process.memoryUsage().heapUsed;
  const begun = process.cpuUsage();
  run(PICKS);
  const { user } = process.cpuUsage(begun);
  return [(user * 1_000) / PICKS, Math.max(0, process.memoryUsage().heapUsed - heapBefore) / PICKS];
}

async function run(_peers: readonly Peer[], _site: Site, tell: (line: string) => void): Promise<readonly Table[]> {
  const tables: Table[] = [];
  for (const size of [10, 200]) {
    const rows: string[][] = [];
    for (const plugin of kinds) {
      const cells: string[] = [plugin.kind];
      for (const added of columns) {
        const [ns, bytes] = measure(withAll(await balancerOf(plugin), added), size);
        cells.push(`${ns.toFixed(0)} ns${bytes > 1 ? ` (${bytes.toFixed(0)} B)` : ""}`);
      }
      tell(`${size} endpoints: ${cells.join(", ")}`);
      rows.push(cells);
    }
    tables.push({ title: `${size} endpoints`, heads: ["balancer", ...columns], rows });
  }
  return tables;
}

export const picks = {
  about: "CPU time of choosing an endpoint and of hearing how it went, each with more added",
  run,
};
