/** Follows: one subscription a key, let go of when a round did not read it. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { ok } from "../../../src/base/var.ts";
import { Follows } from "../../../src/naming/follows.ts";
import { Dial } from "../../fakes/naming-fixture.ts";

test("a change is told, the first state is not", () => {
  let changes = 0;
  const dial = new Dial<number>();
  dial.set(ok(1));
  using follows = new Follows<number>({ moved: () => void changes++ });
  assert.deepEqual(
    follows.read("a", () => dial.var),
    ok(1),
  );
  assert.equal(changes, 0);
  dial.set(ok(2));
  assert.equal(changes, 1);
  assert.deepEqual(
    follows.read("a", () => assert.fail("it is followed already")),
    ok(2),
  );
});

test("what a round did not read is let go of, and everything is at the end", () => {
  const [kept, dropped] = [new Dial<number>(), new Dial<number>()];
  const follows = new Follows<number>({ moved: () => undefined });
  follows.read("kept", () => kept.var);
  follows.read("dropped", () => dropped.var);
  follows.sweep();
  follows.read("kept", () => kept.var);
  follows.sweep();
  assert.deepEqual([kept.observed, dropped.observed], [true, false]);
  follows[Symbol.dispose]();
  assert(!kept.observed);
});

test("what throws is a failed state", () => {
  using follows = new Follows<number>({ moved: () => undefined });
  const state = follows.read("a", () => {
    throw new Error("broken");
  });
  assert(state.tag === "failed" && state.cause.message === "broken");
});
