/** Following: one Var at a time, with what is known kept until the next one knows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Following } from "../../../src/base/following.ts";
import { ok, type State, Var } from "../../../src/base/var.ts";

/** A Var that a test sets, and whether somebody observes it. */
function dial() {
  let set: ((state: State<number>) => void) | undefined;
  const made = Var.source<number>((given) => {
    set = given;
    return { [Symbol.dispose]: () => void (set = undefined) };
  });
  return { var: made, set: (state: State<number>) => set?.(state), isObserved: () => set !== undefined };
}

test("the next Var is joined before the last one is left, and no pending is told in between", () => {
  const heard: State<number>[] = [];
  const [first, second] = [dial(), dial()];
  const following = new Following<number>({ hear: (state) => void heard.push(state) });
  following.follow(first.var);
  first.set(ok(1));
  following.follow(second.var);
  assert.deepEqual([first.isObserved(), second.isObserved()], [false, true]);
  second.set(ok(2));
  assert.deepEqual(
    heard.map((state) => (state.tag === "ok" ? state.value : state.tag)),
    ["pending", 1, 2],
  );
  following[Symbol.dispose]();
  assert.equal(second.isObserved(), false);
});

test("what is over hears nothing and follows nothing", () => {
  const [first, second] = [dial(), dial()];
  let isOver = false;
  const following = new Following<number>({ hear: () => assert.ok(!isOver) });
  following.follow(first.var);
  following[Symbol.dispose]();
  isOver = true;
  following.follow(second.var);
  assert.deepEqual([first.isObserved(), second.isObserved()], [false, false]);
});
