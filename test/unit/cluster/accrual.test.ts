import assert from "node:assert/strict";
import { test } from "node:test";
import type { AccrualPolicy } from "../../../src/cluster/accrual-policy.ts";
import { Accrual } from "../../../src/cluster/accrual.ts";
import { FakeClock } from "../../../src/testing/index.ts";

/** An attempt, where it does not matter which. */
const some = {};

/** Out for 1 s, then 2 s ..., after each second failure in a row. */
function accrual() {
  const clock = new FakeClock();
  const told: string[] = [];
  let inRow = 0;
  let times = 0;
  const policy: AccrualPolicy = {
    success: () => void ((inRow = 0), told.push("success")),
    failure: () => (++inRow >= 2 ? ++times * 1000 : undefined),
    revived: () => void ((inRow = 0), (times = 0), told.push("revived")),
  };
  let changes = 0;
  const counted: [string, number][] = [];
  return {
    clock,
    told,
    changes: () => changes,
    counted,
    accrual: new Accrual(policy, clock, {
      changed: () => void changes++,
      counted: (event, by) => void counted.push([event, by]),
    }),
  };
}

test("an endpoint is open until its policy takes it out, then busy for that long", () => {
  const { clock, accrual: each } = accrual();
  each.failed(0, some);
  assert.equal(each.status, "open");
  each.failed(0, some);
  assert.equal(each.status, "busy");
  assert.equal(each.removals, 1);
  assert.equal(each.removedForMs, 1000);
  clock.advance(999);
  assert.equal(each.status, "busy");
  clock.advance(1);
  assert.equal(each.state, "probe-open");
  assert.equal(each.status, "open");
});

test("one request probes; while it is under way the endpoint is busy", () => {
  const { clock, accrual: each } = accrual();
  each.failed(0, some);
  each.failed(0, some);
  clock.advance(1000);
  each.started(some);
  assert.equal(each.status, "busy");
  assert.equal(each.probes, 1);
  each.started(some);
  assert.equal(each.probes, 1);
});

test("a probe that succeeds makes the endpoint as new", () => {
  const { clock, told, accrual: each } = accrual();
  each.failed(0, some);
  each.failed(0, some);
  clock.advance(1000);
  each.started(some);
  each.succeeded(1000);
  assert.equal(each.state, "alive");
  assert.deepEqual(told, ["revived", "success"]);
  assert.equal(each.revivals, 1);
  each.failed(1000, some);
  each.failed(1000, some);
  assert.equal(each.removedForMs, 2000);
});

test("a probe that fails takes the endpoint out for longer, and is no new removal", () => {
  const { clock, counted, accrual: each } = accrual();
  each.failed(0, some);
  each.failed(0, some);
  clock.advance(1000);
  each.started(some);
  each.failed(1000, some);
  assert.equal(each.state, "dead");
  assert.equal(each.removals, 1);
  clock.advance(1999);
  assert.equal(each.state, "dead");
  clock.advance(1);
  assert.equal(each.state, "probe-open");
  each.started(some);
  each.succeeded(3000);
  const events = ["removals", "outSeconds", "probes", "outSeconds", "probes", "revivals"];
  assert.deepEqual(
    counted.map(([event]) => event),
    events,
  );
  assert.equal(
    counted.reduce((sum, [event, by]) => sum + (event === "outSeconds" ? by : 0), 0),
    3,
  );
});

test("a probe that tells nothing lets the next request probe", () => {
  const { clock, accrual: each } = accrual();
  each.failed(0, some);
  each.failed(0, some);
  clock.advance(1000);
  each.started(some);
  each.ignored(some);
  assert.equal(each.state, "probe-open");
});

test("failures of a dead endpoint, and of one that waits for its probe, are ignored", () => {
  const { clock, told, accrual: each } = accrual();
  each.failed(0, some);
  each.failed(0, some);
  each.failed(0, some);
  assert.equal(each.removedForMs, 1000);
  each.succeeded(0);
  assert.equal(each.state, "dead");
  assert.deepEqual(told, ["success"]);
  clock.advance(1000);
  each.failed(1000, some);
  assert.equal(each.state, "probe-open");
});

test("an endpoint that left its set changes no more and keeps no timer", () => {
  const { clock, changes, accrual: each } = accrual();
  each.failed(0, some);
  each.failed(0, some);
  const before = changes();
  each[Symbol.dispose]();
  each.failed(0, some);
  each.failed(0, some);
  each.succeeded(0);
  clock.advance(10_000);
  assert.equal(clock.waiting, 0);
  assert.equal(changes(), before);
});

test("while one request probes, what others tell of failures, or nothing, lets no second one probe", () => {
  const { clock, accrual: each } = accrual();
  const [probe, other] = [{}, {}];
  each.failed(0, some);
  each.failed(0, some);
  clock.advance(1000);
  each.started(probe);
  each.started(other);
  each.ignored(other);
  assert.equal(each.state, "probe-closed");
  each.failed(1000, other);
  assert.equal(each.state, "probe-closed");
  each.failed(1000, probe);
  assert.equal(each.state, "dead");
  assert.equal(each.outUntil, 3000);
});

test("a probe whose answer goes on for long keeps the endpoint out for no more than a second", () => {
  const { clock, accrual: each } = accrual();
  const [probe, other, next] = [{}, {}, {}];
  each.failed(0, some);
  each.failed(0, some);
  clock.advance(1000);
  each.started(probe);
  each.answered(other);
  assert.equal(clock.waiting, 0);
  each.answered(probe);
  clock.advance(999);
  assert.equal(each.state, "probe-closed");
  clock.advance(1);
  assert.equal(each.state, "probe-open");
  each.started(next);
  // How the long one ends says nothing any more.
  each.failed(2000, probe);
  assert.equal(each.state, "probe-closed");
  each.succeeded(2000);
  assert.equal(each.state, "alive");
});

test("a probe that is over, or whose endpoint left, leaves no timer", () => {
  for (const end of ["succeeded", "failed", "ignored", "left"] as const) {
    const { clock, accrual: each } = accrual();
    each.failed(0, some);
    each.failed(0, some);
    clock.advance(1000);
    each.started(some);
    each.answered(some);
    if (end === "succeeded") each.succeeded(1000);
    else if (end === "failed") each.failed(1000, some);
    else if (end === "ignored") each.ignored(some);
    else each[Symbol.dispose]();
    assert.equal(clock.waiting, end === "failed" ? 1 : 0, end);
  }
});

test("a success of another request than the probe makes the endpoint as new, too", () => {
  const { clock, told, accrual: each } = accrual();
  const [probe, other] = [{}, {}];
  each.failed(0, some);
  each.failed(0, some);
  clock.advance(1000);
  each.started(probe);
  each.succeeded(1000);
  assert.equal(each.state, "alive");
  assert.deepEqual(told, ["revived", "success"]);
  // What was the probe is a request like others now.
  each.failed(1000, probe);
  assert.equal(each.state, "alive");
  each.failed(1000, other);
  assert.equal(each.state, "dead");
});
