import assert from "node:assert/strict";
import { test } from "node:test";
import { UNSAVED } from "../../../src/base/document-store.ts";
import { encodeShift } from "../../../src/bridge/shift-codec.ts";
import { begin, follow } from "../../../src/bridge/shift-orders.ts";
import { readPlan } from "../../../src/bridge/shift-plan.ts";
import type { Shift } from "../../../src/bridge/shift.ts";
import { Shifts } from "../../../src/bridge/shifts.ts";
import { FakeClock, turn } from "../../../src/testing/fake-clock.ts";
import { FollowedVar } from "../../../src/testing/followed-var.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { SharedDocuments } from "../../fakes/memory-store.ts";

const plan = readPlan({ path: "/svc/users", from: "/#/old", to: "/#/new" });
const order = { who: "ada", why: "a test", at: 0 };

function scene() {
  const clock = new FakeClock();
  const shared = new SharedDocuments();
  const store = shared.store();
  const log = new RecordingLog();
  const kept = new Map<string, string>();
  const shifts = new Shifts({ store, clock, log, keep: (name, text) => void kept.set(name, text) });
  return { clock, shared, store, log, kept, shifts };
}

const started = (): Shift => {
  const ordered = begin(undefined, plan, "start", order);
  assert.ok(ordered.tag === "changed");
  return ordered.shift;
};

test("what is ordered lies over the dtab of its routers at once, and is told in the log", async () => {
  const { shifts, log } = scene();
  using everywhere = new FollowedVar(shifts.overlay("http"));
  assert.equal(everywhere.value?.size, 0);
  await shifts.begin(plan, "start", order);
  assert.equal(everywhere.value?.show, "/svc/users=>99.00*/#/old & /#/new");
  const [line] = log.told("shift.changed");
  assert.deepEqual(line?.fields, {
    shift: "users",
    path: "/svc/users",
    change: "start",
    who: "ada",
    why: "a test",
    after: "running 99/1",
  });
  const one = await shifts.begin({ ...plan, name: "two" }, "start", order);
  assert.ok(one.tag === "refused");
  assert.deepEqual([one.why, one.shift?.plan.name], ["users shifts /svc/users already", "users"]);
});

test("a shift of one router leaves the others alone", async () => {
  const { shifts } = scene();
  await shifts.begin({ ...plan, scope: { routers: ["grpc"] } }, "start", order);
  using http = new FollowedVar(shifts.overlay("http"));
  using grpc = new FollowedVar(shifts.overlay("grpc"));
  assert.deepEqual([http.value?.size, grpc.value?.size], [0, 1]);
});

test("an override wins over the order, and goes again", async () => {
  const { shifts } = scene();
  await shifts.begin(plan, "start", order);
  using overlay = new FollowedVar(shifts.overlay("http"));
  shifts.override(new Map([["users", { from: 1, to: 3 }]]));
  assert.equal(overlay.value?.show, "/svc/users=>/#/old & 3.00*/#/new");
  shifts.override(new Map());
  assert.equal(overlay.value?.show, "/svc/users=>99.00*/#/old & /#/new");
});

test("a store that cannot be asked takes no order but the way back, which is kept and owed", async () => {
  const { shifts, store, shared, clock, kept } = scene();
  await shifts.begin(plan, "start", order);
  store.isDown = true;
  await assert.rejects(shifts.order("users", "pause", order), /the store is away/);
  const back = shifts.order("users", "rollback", order);
  assert.deepEqual(shifts.weights(shifts.all[0] as Shift), { from: 100, to: 0 });
  await turn();
  clock.advance(1_000);
  assert.equal((await back).tag, "changed");
  assert.deepEqual(shifts.store.owed, ["users"]);
  assert.match(kept.get("users") ?? "", /"state": "rolled-back"/);
  store.isDown = false;
  await turn();
  clock.advance(1_000);
  await turn();
  assert.deepEqual(shifts.store.owed, []);
  assert.match(shared.documents.get("users")?.text ?? "", /"state": "rolled-back"/);
});

test("what only this host has is taken up at a start, and told the store", async () => {
  const shared = new SharedDocuments();
  const back = follow(started(), "rollback", order);
  assert.ok(back.tag === "changed");
  shared.put("users", encodeShift(started()));
  const remembering = shared.store();
  const local = new SharedDocuments();
  local.set(new Map([["users", { text: encodeShift(back.shift), version: UNSAVED }]]));
  const clock = new FakeClock();
  using shifts = new Shifts({
    store: {
      ...remembering,
      place: "both",
      documents: local.store().documents,
      write: (...args) => remembering.write(...args),
      [Symbol.asyncDispose]: async () => undefined,
    },
    clock,
    log: new RecordingLog(),
  });
  assert.equal(shifts.all[0]?.stage.state, "rolled-back");
  assert.deepEqual(shifts.store.owed, ["users"]);
});

test("a document that is no shift is left out, and told once", async () => {
  const { shifts, shared, log } = scene();
  shared.put("carts", "{}");
  shared.put("users", encodeShift(started()));
  shared.put("orders", encodeShift(started()));
  assert.deepEqual(
    shifts.all.map(({ plan: { name } }) => name),
    ["users"],
  );
  const told = log.told("shift.unreadable").map(({ fields }) => `${fields["shift"]}: ${fields["cause"]}`);
  assert.deepEqual(told, ["carts: its format is undefined, not 1", "orders: it is about users"]);
});

test("a document that vanishes changes no weight while its shift is in force", async () => {
  const { shifts, shared } = scene();
  await shifts.begin(plan, "start", order);
  shared.set(new Map());
  assert.equal(shifts.all.length, 1);
  using overlay = new FollowedVar(shifts.overlay("http"));
  assert.equal(overlay.value?.size, 1);
});

test("an order that another came before is given again on what is there by then", async () => {
  const { shifts, shared } = scene();
  await shifts.begin(plan, "start", order);
  const other = new Shifts({ store: shared.store(), clock: new FakeClock(), log: new RecordingLog() });
  const [paused, resumed] = await Promise.all([
    shifts.order("users", "pause", order),
    other.order("users", "pause", { ...order, who: "bob" }),
  ]);
  assert.deepEqual([paused.tag, resumed.tag].sort(), ["changed", "unchanged"]);
  assert.deepEqual(await shifts.order("nobody", "pause", order), { tag: "refused", why: "there is no shift nobody" });
});
