import assert from "node:assert/strict";
import { test } from "node:test";
import { Following } from "../../../src/base/following.ts";
import { ok, type State, Var } from "../../../src/base/var.ts";

function source(): { readonly of: Var<string>; tell(value: string): void; readonly observers: () => number } {
  let observers = 0;
  let say: ((state: State<string>) => void) | undefined;
  const of = Var.source<string>((set) => {
    observers++;
    say = set;
    return { [Symbol.dispose]: () => void observers-- };
  });
  return { of, tell: (value) => say?.(ok(value)), observers: () => observers };
}

const shown = (state: State<string>): string => (state.tag === "ok" ? state.value : state.tag);

test("what is known stays until the next one knows, and nobody is followed twice", () => {
  const [one, other] = [source(), source()];
  const seen: string[] = [];
  const following = new Following<string>({ hear: (state) => void seen.push(shown(state)) });
  following.follow(one.of);
  one.tell("a");
  following.follow(one.of);
  following.follow(other.of);
  assert.deepEqual([one.observers(), other.observers()], [0, 1]);
  one.tell("late");
  other.tell("b");
  assert.deepEqual(
    seen.filter((each) => each !== "pending"),
    ["a", "b"],
  );
  assert.equal(seen.lastIndexOf("pending") <= 0, true);
  following[Symbol.dispose]();
  following.follow(one.of);
  assert.deepEqual([one.observers(), other.observers()], [0, 0]);
});
