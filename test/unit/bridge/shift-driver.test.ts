import assert from "node:assert/strict";
import { test } from "node:test";
import { emptySnapshot } from "../../../src/base/histogram.ts";
import { ShiftDriver } from "../../../src/bridge/shift-driver.ts";
import { readPlan } from "../../../src/bridge/shift-plan.ts";
import type { Measured } from "../../../src/bridge/shift-samples.ts";
import type { Shift } from "../../../src/bridge/shift.ts";
import { Shifts } from "../../../src/bridge/shifts.ts";
import { FakeClock, turn } from "../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { SharedDocuments } from "../../fakes/memory-store.ts";

const plan = readPlan({
  path: "/svc/users",
  from: "/#/old",
  to: "/#/new",
  steps: [10, 100],
  bakeMs: 10_000,
  guard: { minRequests: 20 },
});
const order = { who: "ada", why: "a test", at: 0 };

async function scene() {
  const clock = new FakeClock();
  const store = new SharedDocuments().store();
  const log = new RecordingLog();
  const shifts = new Shifts({ store, clock, log });
  const counts = { old: [0, 0], new: [0, 0] };
  let isKnown = true;
  const measure = (): Measured => {
    const tally = ([successes = 0, failures = 0]: number[]) => ({ successes, failures, times: emptySnapshot });
    const to = new Map(isKnown ? [["new", tally(counts.new)]] : []);
    return new Map([["/svc/users", { from: new Map([["old", tally(counts.old)]]), to }]]);
  };
  const driver = new ShiftDriver({ shifts, measure, clock, log, daemon: "here" });
  return {
    clock,
    store,
    log,
    shifts,
    driver,
    serve(old: number, good: number, bad = 0): void {
      counts.old[0] = (counts.old[0] ?? 0) + old;
      counts.new = [(counts.new[0] ?? 0) + good, (counts.new[1] ?? 0) + bad];
    },
    know: (known: boolean) => void (isKnown = known),
    async pass(ms: number): Promise<void> {
      for (let passed = 0; passed < ms; passed += 500) {
        clock.advance(500);
        await turn();
        await turn();
      }
    },
    get stage() {
      return shifts.all[0]?.stage;
    },
  };
}

test("a step ends when it has lasted and both sides were asked often enough, and not before either", async () => {
  const site = await scene();
  await site.shifts.begin(plan, "start", order);
  site.serve(180, 20);
  await site.pass(9_500);
  assert.deepEqual(site.stage, { state: "running", step: 0 });
  await site.pass(1_000);
  assert.deepEqual(site.stage, { state: "running", step: 1 });
  await site.pass(60_000);
  assert.deepEqual(site.stage, { state: "running", step: 1 }, "nobody asked");
  site.serve(0, 20);
  await site.pass(500);
  assert.deepEqual(site.stage, { state: "done", step: 1, acknowledged: false });
});

test("what fails from the first moment of a step on is counted, and is a breach", async () => {
  const site = await scene();
  site.serve(50_000, 0, 400);
  await site.shifts.begin(plan, "start", order);
  site.serve(45, 0, 5);
  await site.pass(500);
  assert.equal(site.stage?.state, "rolled-back");
  assert.match(site.shifts.all[0]?.history.at(-1)?.why ?? "", /0.00 % of 5 requests to `to`/);
});

test("a name that fails is a breach of its prefix, however many others do well", async () => {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const shifts = new Shifts({ store: new SharedDocuments().store(), clock, log });
  let served = 0;
  const tally = (successes: number, failures = 0) => ({ successes, failures, times: emptySnapshot });
  const measure = (): Measured =>
    new Map([
      ["/svc/users", { from: new Map([["a", tally(served * 900)]]), to: new Map([["b", tally(served * 100_000)]]) }],
      ["/svc/orders", { from: new Map([["c", tally(served * 90)]]), to: new Map([["d", tally(0, served * 10)]]) }],
    ]);
  using driver = new ShiftDriver({ shifts, measure, clock, log, daemon: "here" });
  await shifts.begin(readPlan({ path: "/svc", from: "/#/zk", to: "/#/k8s" }), "start", order);
  served = 1;
  clock.advance(500);
  await turn();
  await turn();
  assert.match(shifts.all[0]?.history.at(-1)?.why ?? "", /^\/svc\/orders: 0.00 % of 10 requests to `to`/);
  assert.equal(shifts.all[0]?.stage.state, "rolled-back");
  assert.equal(driver.view(shifts.all[0] as Shift)?.sides.to.successes, 100_000);
});

test("a host that is not in the scope judges nothing and takes no step", async () => {
  const site = await scene();
  site.shifts.locate({ name: "web-1" });
  await site.shifts.begin({ ...plan, scope: { hosts: ["web-2"] } }, "start", order);
  site.serve(180, 20);
  await site.pass(60_000);
  site.serve(0, 0, 500);
  await site.pass(1_000);
  assert.deepEqual(site.stage, { state: "running", step: 0 });
  assert.equal(site.shifts.weights(site.shifts.all[0] as Shift), undefined);
  site.shifts.locate({ name: "web-2" });
  assert.deepEqual(site.shifts.weights(site.shifts.all[0] as Shift), { from: 90, to: 10 });
});

test("what a cluster counted before it was known is not of the step", async () => {
  const site = await scene();
  site.serve(0, 0, 400);
  site.know(false);
  await site.shifts.begin(plan, "start", order);
  await site.pass(500);
  site.know(true);
  site.driver.begin();
  site.serve(100, 10);
  await site.pass(500);
  assert.equal(site.stage?.state, "running");
});

test("a bad minute is not hidden by a long good time", async () => {
  const site = await scene();
  await site.shifts.begin({ ...plan, bakeMs: 86_400_000 }, "start", order);
  site.serve(900_000, 100_000);
  await site.pass(60_000);
  site.serve(90, 0, 10);
  await site.pass(500);
  assert.equal(site.stage?.state, "rolled-back");
});

test("a pause takes no step, and what runs again begins its time anew", async () => {
  const site = await scene();
  await site.shifts.begin(plan, "start", order);
  await site.shifts.order("users", "pause", order);
  site.serve(180, 20);
  await site.pass(20_000);
  assert.deepEqual(site.stage, { state: "paused", step: 0 });
  await site.shifts.order("users", "resume", order);
  await site.pass(9_000);
  assert.deepEqual(site.stage, { state: "running", step: 0 });
  await site.pass(2_000);
  assert.deepEqual(site.stage, { state: "running", step: 1 });
});

test("a breach while it is paused rolls back too, and an override is not judged", async () => {
  const site = await scene();
  await site.shifts.begin(plan, "start", order);
  site.shifts.override(new Map([["users", { from: 1, to: 1 }]]));
  site.serve(45, 0, 50);
  await site.pass(20_000);
  assert.equal(site.stage?.state, "running");
  site.shifts.override(new Map());
  await site.shifts.order("users", "pause", order);
  site.serve(45, 0, 50);
  await site.pass(500);
  assert.equal(site.stage?.state, "rolled-back");
});

test("no step is taken while the store cannot be asked, and a breach is back all the same", async () => {
  const site = await scene();
  await site.shifts.begin(plan, "start", order);
  site.store.isDown = true;
  site.serve(180, 20);
  await site.pass(20_000);
  assert.deepEqual(site.stage, { state: "running", step: 0 });
  site.serve(90, 0, 100);
  await site.pass(500);
  assert.equal(site.stage?.state, "rolled-back");
});
