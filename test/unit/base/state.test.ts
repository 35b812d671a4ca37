import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { ok, orFailed, pending, sameState, failed, withTrouble } from "../../../src/base/state.ts";

describe("withTrouble", () => {
  it("keeps the older staleness and whatever hold there is", () => {
    const early = { since: 1, cause: new Error("early") };
    const late = { since: 2, cause: new Error("late") };
    const held = { since: 1, until: 9, lost: 3 };
    assert.deepEqual(withTrouble(ok(1, { stale: late }), ok(2, { stale: early, held })), ok(1, { stale: early, held }));
    assert.deepEqual(withTrouble(ok(1), ok(2)), ok(1));
    assert.equal(withTrouble(pending, ok(2, { held })), pending);
  });
});

describe("two states", () => {
  it("are the same unless an observer would have to know: dates and revisions are for people", () => {
    const stale = { since: 1, cause: new Error("down") };
    const held = { since: 1, until: 2, lost: 3 };
    assert.equal(sameState(ok(1, { revision: "a", confirmedAt: 1 }), ok(1, { revision: "b", confirmedAt: 2 })), true);
    assert.equal(sameState(failed(new Error("down")), failed(new Error("down"))), true);
    assert.equal(sameState(ok(1, { stale }), ok(1, { stale: { since: 1, cause: new Error("down") } })), true);
    const others = [ok(2), pending, failed(new Error("down")), ok(1, { stale }), ok(1, { held })];
    for (const other of others) assert.equal(sameState(ok(1), other), false);
    assert.equal(sameState(ok(1, { held }), ok(1, { held: { ...held, lost: 4 } })), false);
    assert.equal(sameState(ok(1, { stale }), ok(1, { stale: { ...stale, since: 2 } })), false);
  });
});

describe("an attempt", () => {
  it("that throws has failed, whatever it throws", () => {
    const thrown: unknown[] = [new Error("broken"), "broken"];
    for (const each of thrown) {
      const state = orFailed(() => {
        throw each;
      });
      assert.ok(state.tag === "failed" && state.cause.message === "broken");
    }
    assert.deepEqual(
      orFailed(() => ok(1)),
      ok(1),
    );
  });
});
