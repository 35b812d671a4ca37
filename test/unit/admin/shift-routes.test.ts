import assert from "node:assert/strict";
import type { IncomingMessage, ServerResponse } from "node:http";
import { Readable } from "node:stream";
import { test } from "node:test";
import { pathFilter } from "../../../src/admin/security.ts";
import { SHIFT_ORDERS, shiftRoutes } from "../../../src/admin/shift-routes.ts";
import type { ShiftChecks } from "../../../src/bridge/shift-checks.ts";
import { ShiftDesk } from "../../../src/bridge/shift-desk.ts";
import { ShiftDriver } from "../../../src/bridge/shift-driver.ts";
import { ShiftTargets } from "../../../src/bridge/shift-targets.ts";
import { Shifts } from "../../../src/bridge/shifts.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { SharedDocuments } from "../../fakes/memory-store.ts";

function scene(why?: string) {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const store = new SharedDocuments().store();
  const shifts = new Shifts({ store, clock, log });
  const measure = () => new Map();
  const driver = new ShiftDriver({ shifts, measure, clock, log, daemon: "here" });
  const targets = new ShiftTargets({
    shifts,
    routers: () => [],
    routes: async () => [],
    clock,
    changed: () => driver.begin(),
    log,
  });
  const others = () => async () => [];
  const checks = { whyNotBegin: async () => why, whyNotAcknowledge: async () => why } as unknown as ShiftChecks;
  const parts = { shifts, driver, targets, others, checks, overrideProblem: () => undefined, clock };
  return { store, desk: new ShiftDesk(parts) };
}

interface Answer {
  readonly status: number;
  readonly body: { readonly [key: string]: unknown };
}

async function ask(desk: ShiftDesk | undefined, path: string, body?: object | string): Promise<Answer> {
  const route = shiftRoutes(desk).find((each) => each.path === path);
  assert.ok(route !== undefined, path);
  const text = typeof body === "string" ? body : JSON.stringify(body ?? {});
  const raw = Object.assign(Readable.from([Buffer.from(text)]), { headers: { "content-type": "application/json" } });
  let answer: Answer = { status: 0, body: {} };
  let status = 0;
  const response = {
    writeHead: (code: number) => void (status = code),
    end: (said: string) => void (answer = { status, body: JSON.parse(said) as Answer["body"] }),
  };
  await route.handle(
    { url: new URL(path, "http://a"), raw: raw as unknown as IncomingMessage },
    response as unknown as ServerResponse,
  );
  return answer;
}

const plan = { path: "/svc/users", from: "/#/old", to: "/#/new" };

test("a shift is started, shown, and ordered by its name or by its logical one", async () => {
  const { desk } = scene();
  assert.equal((await ask(desk, "/api/shifts/start", { ...plan, who: "ada", reason: "CHG-1" })).status, 200);
  const { body } = await ask(desk, "/api/shifts");
  const [shift] = body["shifts"] as readonly { readonly history: readonly { who: string; why: string }[] }[];
  assert.deepEqual([shift?.history[0]?.who, shift?.history[0]?.why], ["ada", "CHG-1"]);
  assert.deepEqual((await ask(desk, "/api/shifts/pause", { name: "users" })).body["result"], "changed");
  assert.deepEqual((await ask(desk, "/api/shifts/pause", { name: "/svc/users" })).body["result"], "unchanged");
});

test("what is no plan is 400 with its key, what may not be is 409, and a store that is away is 424", async () => {
  const { desk, store } = scene();
  const wrong = await ask(desk, "/api/shifts/start", { ...plan, steps: [5] });
  assert.deepEqual([wrong.status, wrong.body["key"]], [400, "steps"]);
  assert.equal((await ask(desk, "/api/shifts/ack", { name: "users" })).status, 409);
  assert.equal((await ask(desk, "/api/shifts/ack", { name: "/svc/users" })).status, 409);
  assert.equal((await ask(desk, "/api/shifts/start", "[")).status, 400);
  store.isDown = true;
  assert.equal((await ask(desk, "/api/shifts/start", plan)).status, 424);
});

test("without a place to keep shifts in there are none, and every order says why", async () => {
  const seen = await ask(undefined, "/api/shifts");
  assert.equal(seen.status, 200);
  assert.deepEqual(seen.body["shifts"], []);
  assert.match(String(seen.body["problem"]), /set `control.store`/);
  for (const path of SHIFT_ORDERS) {
    const { status, body } = await ask(undefined, path, {});
    assert.equal(status, 409);
    assert.match(String(body["error"]), /set `control.store`/);
  }
});

test("orders are there as whatever changes something is, and the list as the page is", () => {
  const allows = pathFilter({
    uiEnabled: true,
    controlEnabled: false,
    diagnosticsEnabled: true,
    pathWhitelist: [],
    pathBlacklist: [],
  });
  assert.equal(allows("/api/shifts"), true);
  for (const path of SHIFT_ORDERS) assert.equal(allows(path), false, path);
});

test("what a look says no to is refused with the reason, and done where it is forced", async () => {
  const { desk } = scene("nobody is there");
  const refused = await ask(desk, "/api/shifts/start", plan);
  assert.deepEqual([refused.status, refused.body["error"]], [409, "nobody is there"]);
  assert.equal((await ask(desk, "/api/shifts/start", { ...plan, plan: true })).status, 200, "only planned");
  assert.equal((await ask(desk, "/api/shifts/resume", { name: "users" })).status, 409);
  assert.equal((await ask(desk, "/api/shifts/resume", { name: "users", force: true })).status, 200);
  assert.equal((await ask(desk, "/api/shifts/rollback", { name: "users" })).status, 200);
  const early = await ask(desk, "/api/shifts/ack", { name: "users" });
  assert.deepEqual([early.status, early.body["error"]], [409, "nobody is there"]);
  assert.notEqual(early.body["shift"], undefined);
  assert.equal((await ask(desk, "/api/shifts/ack", { name: "users", force: true })).status, 200);
});

test("of a name that is no shift's, the one that was meant is told", async () => {
  const { desk } = scene();
  await ask(desk, "/api/shifts/start", plan);
  const misspelt = await ask(desk, "/api/shifts/pause", { name: "usres" });
  assert.deepEqual([misspelt.status, misspelt.body["error"]], [409, "there is no shift usres; did you mean users?"]);
  const path = await ask(desk, "/api/shifts/pause", { name: "/svc/user" });
  assert.equal(path.body["error"], "there is no shift of /svc/user; did you mean /svc/users?");
});
