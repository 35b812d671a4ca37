import assert from "node:assert/strict";
import { test } from "node:test";
import type { Clock } from "../../../src/base/time.ts";
import { ok, Var, type State } from "../../../src/base/var.ts";
import type { Delegation } from "../../../src/naming/delegation.ts";
import { empty, neg } from "../../../src/naming/name-tree.ts";
import { Path } from "../../../src/naming/path.ts";
import { isComplete, settled } from "../../../src/naming/settled.ts";

const path = Path.read("/svc/users");

const waiting: Delegation = {
  path,
  root: { kind: "pending", path, used: true },
  outcome: { tag: "pending" },
  steps: 1,
};
const nothing: Delegation = { path, root: { kind: "neg", path, used: true }, outcome: ok(neg), steps: 1 };
/** Decided, while an alternative that decides nothing is waited for. */
const decided: Delegation = {
  path,
  root: {
    kind: "alt",
    path,
    used: true,
    steps: [
      { kind: "empty", path, used: true },
      { kind: "pending", path, used: false },
    ],
  },
  outcome: ok(empty),
  steps: 3,
};
const broken: Delegation = { ...waiting, outcome: { tag: "failed", cause: new Error("down") } };

/** Timers run when the test says so. */
class ManualClock implements Clock {
  readonly timers: { readonly ms: number; readonly fn: () => void }[] = [];
  now(): number {
    return 0;
  }
  wall(): number {
    return 0;
  }
  timer(ms: number, fn: () => void): Disposable {
    this.timers.push({ ms, fn });
    return { [Symbol.dispose]: () => undefined };
  }
}

function changing(): { readonly explanation: Var<Delegation>; set(state: State<Delegation>): void } {
  let publish: ((state: State<Delegation>) => void) | undefined;
  const explanation = Var.source<Delegation>((set) => {
    publish = set;
    set(ok(waiting));
    return { [Symbol.dispose]: () => undefined };
  });
  return { explanation, set: (state) => publish?.(state) };
}

test("an explanation is settled when every registry has answered", async () => {
  const { explanation, set } = changing();
  const result = settled({ explain: () => explanation, timeoutMs: 5000, clock: new ManualClock() });
  set(ok(nothing));
  assert.equal(await result, nothing);
});

test("without an answer it is what it was when the time is over", async () => {
  const clock = new ManualClock();
  const result = settled({ explain: () => changing().explanation, timeoutMs: 5000, clock });
  assert.equal(clock.timers[0]?.ms, 5000);
  clock.timers[0]?.fn();
  assert.equal(await result, waiting);
});

test("a failed registry has a second to recover", async () => {
  const clock = new ManualClock();
  const { explanation, set } = changing();
  const result = settled({ explain: () => explanation, timeoutMs: 5000, clock });
  set(ok(broken));
  assert.equal(clock.timers[2]?.ms, 1000);
  set(ok(nothing));
  assert.equal(await result, nothing);
});

test("alternatives that decide nothing are waited for, a second or as long as is said", async () => {
  const clock = new ManualClock();
  const { explanation, set } = changing();
  const result = settled({ explain: () => explanation, timeoutMs: 5000, clock, othersMs: 200 });
  set(ok(decided));
  assert.equal(isComplete(decided), false);
  assert.equal(clock.timers[2]?.ms, 200);
  clock.timers[2]?.fn();
  assert.equal(await result, decided);
});

test("when the time is over it is asked for once more, for what is known then", async () => {
  const clock = new ManualClock();
  let asked = 0;
  const explain = (): Var<Delegation> => (++asked === 1 ? changing().explanation : Var.of(nothing));
  const result = settled({ explain, timeoutMs: 5000, clock });
  clock.timers[0]?.fn();
  assert.equal(await result, nothing);
});

test("what is decided by then is asked for once more, since it may not have been said yet", async () => {
  const clock = new ManualClock();
  let asked = 0;
  const explain = (): Var<Delegation> => (++asked === 1 ? changing().explanation : Var.of(decided));
  const result = settled({ explain, timeoutMs: 5000, clock, othersMs: 25 });
  assert.equal(clock.timers[1]?.ms, 25);
  clock.timers[1]?.fn();
  assert.equal(await result, decided);
});
