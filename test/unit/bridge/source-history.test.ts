import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { failed, ok, pending } from "../../../src/base/var.ts";
import { SourceHistory } from "../../../src/bridge/source-history.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { instanceAt, instancesAt } from "../../fakes/mirror-scene.ts";

const stale = { since: 0, cause: new Error("away") };
const held = { since: 0, until: 1, lost: 1 };

function historyOf(...states: Parameters<SourceHistory["heard"]>[0][]): SourceHistory {
  const history = new SourceHistory(new FakeClock(), 30_000);
  for (const state of states) history.heard(state);
  return history;
}

describe("what a source has said of a name", () => {
  it("is not known before it answers, and not confirmed while it is stale or failed", () => {
    assert.deepEqual([historyOf(pending).isHeard, historyOf(pending).isConfirmed], [false, false]);
    assert.deepEqual(
      [historyOf(failed(new Error("x"))).isHeard, historyOf(failed(new Error("x"))).trouble],
      [true, "x"],
    );
    assert.deepEqual([historyOf(ok([], { stale })).isConfirmed, historyOf(ok([], { stale })).trouble], [false, "away"]);
  });

  it("is confirmed, and not sound, while a loss is held", () => {
    const history = historyOf(ok([], { held }));
    assert.deepEqual([history.isConfirmed, history.isSound], [true, false]);
  });

  it("knows what went one by one", () => {
    assert.ok(historyOf(ok(instancesAt(1, 2, 3)), ok(instancesAt(1, 2))).wasDeleted("i-3"));
  });

  it("knows nothing of what went all at once, or more than half", () => {
    assert.ok(!historyOf(ok(instancesAt(1)), ok([])).wasDeleted("i-1"));
    assert.ok(!historyOf(ok(instancesAt(1, 2, 3)), ok(instancesAt(1))).wasDeleted("i-2"));
  });

  it("counts only what is at home there: what mirrors brought makes no loss a small one", () => {
    const origin = { registry: "io.l5d.k8s", cluster: "shop" };
    const brought = [11, 12, 13, 14].map((n) => instanceAt(n, { origin }));
    const history = historyOf(ok([...instancesAt(1, 2, 3, 4), ...brought]), ok(brought));
    assert.ok(!history.wasDeleted("i-1"));
  });

  it("knows nothing of what goes one by one once that is more than half in a short time", () => {
    const clock = new FakeClock();
    const history = new SourceHistory(clock, 30_000);
    for (const left of [[1, 2, 3, 4], [2, 3, 4], [3, 4], [4]]) history.heard(ok(instancesAt(...left)));
    assert.deepEqual([history.wasDeleted("i-1"), history.wasDeleted("i-2")], [true, true]);
    assert.ok(!history.wasDeleted("i-3"));
    clock.advance(40_000);
    history.heard(ok(instancesAt(4, 5, 6)));
    history.heard(ok(instancesAt(4, 5)));
    assert.ok(history.wasDeleted("i-6"));
  });

  it("takes a replacement of all by as many others for deletions", () => {
    assert.ok(historyOf(ok(instancesAt(1, 2)), ok(instancesAt(3, 4))).wasDeleted("i-1"));
  });

  it("knows nothing of what went in a gap", () => {
    for (const gap of [
      ok(instancesAt(1, 2, 3), { stale }),
      ok(instancesAt(1, 2, 3), { held }),
      failed(new Error("x")),
    ]) {
      const history = historyOf(ok(instancesAt(1, 2, 3)), gap, ok(instancesAt(1, 2)));
      assert.deepEqual([history.wasDeleted("i-3"), history.gaps], [false, 1]);
    }
  });

  it("forgets that something was deleted when it comes back", () => {
    const three = ok(instancesAt(1, 2, 3));
    assert.ok(!historyOf(three, ok(instancesAt(1, 2)), three).wasDeleted("i-3"));
  });

  it("calls urgent what turned unready or was deleted, and nothing else", () => {
    const history = historyOf(ok(instancesAt(1, 2, 3)));
    assert.ok(!history.heard(ok(instancesAt(1, 2, 3, 4))));
    assert.ok(history.heard(ok([...instancesAt(1, 2, 3), instanceAt(4, { ready: false })])));
    assert.ok(!history.heard(ok([...instancesAt(1, 2, 3), instanceAt(4, { ready: false })])));
    assert.ok(history.heard(ok([...instancesAt(1, 2), instanceAt(4, { ready: false })])));
  });

  it("never holds for deleted what the source has", () => {
    const states = fc.array(fc.record({ ids: fc.uniqueArray(fc.nat(6)), isStale: fc.boolean(), isHeld: fc.boolean() }));
    fc.assert(
      fc.property(states, (said) => {
        const history = new SourceHistory(new FakeClock(), 30_000);
        for (const { ids, isStale, isHeld } of said) {
          history.heard(ok(instancesAt(...ids), { ...(isStale ? { stale } : {}), ...(isHeld ? { held } : {}) }));
          if (!isStale) for (const n of ids) assert.ok(!history.wasDeleted(`i-${n}`));
        }
      }),
    );
  });
});
