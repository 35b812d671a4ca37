import assert from "node:assert/strict";
import { test } from "node:test";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { Scope } from "../../../src/base/scope.ts";
import { gaugeNamer, NAMER_GAUGES } from "../../../src/naming/namer-gauges.ts";
import type { Namer, WatchView } from "../../../src/naming/namer.ts";
import { neg } from "../../../src/naming/name-tree.ts";
import { Var } from "../../../src/base/var.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

class ViewedNamer implements Namer {
  views: readonly WatchView[] = [];
  readings = 0;
  lookup() {
    return Var.of(neg);
  }
  watches() {
    this.readings++;
    return this.views;
  }
  async [Symbol.asyncDispose](): Promise<void> {
    this.views = [];
  }
}

function scene() {
  const clock = new FakeClock(100_000);
  const metrics = new MetricsRegistry();
  const owner = new Scope();
  const namer = new ViewedNamer();
  gaugeNamer(namer, { label: "/n", metrics, clock }, owner);
  const read = (): Readonly<Record<string, number>> =>
    Object.fromEntries(
      metrics.families().flatMap(({ spec, series }) =>
        series.map((each) => {
          const state = each.labels["state"];
          return [state === undefined ? spec.name : `${spec.name} ${state}`, "value" in each ? each.value : NaN];
        }),
      ),
    );
  return { clock, metrics, owner, namer, read };
}

test("watches are counted by state, and stale and failed ones by the age of the oldest", () => {
  const { namer, read } = scene();
  assert.equal(read()["linkspan_stale_seconds"], 0);
  namer.views = [
    { name: "/a", state: "ok", since: 1_000 },
    { name: "/b", state: "stale", since: 60_000 },
    { name: "/c", state: "stale", since: 90_000, held: { since: 1, until: 2, lost: 3 } },
    { name: "/d", state: "held", since: 1_000, held: { since: 1, until: 2, lost: 3 } },
    { name: "/e", state: "failed", since: 95_000 },
    { name: "/f", state: "pending" },
  ];
  const { owner: _, ...again } = scene();
  again.namer.views = namer.views;
  assert.deepEqual(again.read(), {
    linkspan_held_names: 2,
    linkspan_stale_seconds: 40,
    "linkspan_watches pending": 1,
    "linkspan_watches ok": 1,
    "linkspan_watches stale": 2,
    "linkspan_watches held": 1,
    "linkspan_watches failed": 1,
  });
});

test("one scrape reads the views once, and the next reads them again", async () => {
  const { namer, read } = scene();
  read();
  assert.equal(namer.readings, 1);
  await Promise.resolve();
  namer.views = [{ name: "/a", state: "ok" }];
  assert.equal(read()["linkspan_watches ok"], 1);
  assert.equal(namer.readings, 2);
});

test("the series go with their owner, and each has the namer's prefix", async () => {
  const { owner, metrics } = scene();
  assert.ok(NAMER_GAUGES.every((spec) => spec.labels[0] === "namer"));
  assert.ok(metrics.families().every(({ series }) => series.every(({ labels }) => labels["namer"] === "/n")));
  await owner.close();
  assert.deepEqual(metrics.families(), []);
});
