import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { PutConflicts } from "../../../src/bridge/put-conflicts.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

describe("entries that another writer has", () => {
  it("are left to it for a minute, then for longer each time, until they are put", () => {
    const clock = new FakeClock();
    const conflicts = new PutConflicts(clock);
    for (const minutes of [1, 2, 4, 8, 10, 10]) {
      conflicts.lost("a", "it is theirs");
      clock.advance(minutes * 60_000 - 1);
      assert.ok(conflicts.isLeft("a"));
      clock.advance(1);
      assert.ok(!conflicts.isLeft("a"));
    }
    assert.deepEqual(conflicts.all(), [{ id: "a", cause: "it is theirs" }]);
    conflicts.won("a");
    assert.deepEqual(conflicts.all(), []);
  });

  it("are forgotten when they are not wanted any more", () => {
    const conflicts = new PutConflicts(new FakeClock());
    conflicts.lost("a", "it is theirs");
    conflicts.lost("b", "it is theirs");
    conflicts.keepOnly(new Set(["b"]));
    assert.deepEqual(
      conflicts.all().map(({ id }) => id),
      ["b"],
    );
  });

  it("are those that were taken away three times within an hour of each other", () => {
    const clock = new FakeClock();
    const conflicts = new PutConflicts(clock);
    const taken = (): boolean => conflicts.wasTaken("a");
    assert.deepEqual([taken(), taken()], [false, false]);
    clock.advance(3_600_001);
    assert.deepEqual([taken(), taken(), taken()], [false, false, true]);
  });
});
