import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { SeriesView } from "../../../src/base/metrics-registry.ts";
import { Path } from "../../../src/naming/path.ts";
import { instanceAt, instancesAt, MirrorScene } from "../../fakes/mirror-scene.ts";

const CYCLE = 10_000;

const valueOf = (series: SeriesView): number => ("value" in series ? series.value : 0);

/** Every series of a mirror that is not 0, as `name{state} value`. */
function shown(scene: MirrorScene): ReadonlyMap<string, number> {
  const families = scene.metrics.families().filter(({ spec }) => spec.name.startsWith("linkspan_mirror_"));
  const all = families.flatMap(({ spec, series }) =>
    series.map((each) => {
      const states = Object.entries(each.labels).flatMap(([label, value]) => (label === "mirror" ? [] : [value]));
      return [[spec.name.replace("linkspan_mirror_", ""), ...states].join(" "), valueOf(each)] as const;
    }),
  );
  return new Map(all.filter(([, value]) => value !== 0));
}

describe("the metrics of a mirror", () => {
  it("show what stands, what waits, what is in the way, and what was written", async () => {
    await using scene = new MirrorScene();
    scene.registry.native(Path.of("users"), instanceAt(9));
    scene.says(instancesAt(1, 2, 3, 9));
    await scene.running();
    scene.says([]);
    await scene.pass(CYCLE);
    assert.deepEqual(
      shown(scene),
      new Map([
        ["entries published", 3],
        ["entries held", 3],
        ["targets waiting", 1],
        ["writes_total put done", 3],
        ["held_deletions", 3],
        ["agreement_age_seconds", 10],
        ["leads", 1],
      ]),
    );
  });
});
