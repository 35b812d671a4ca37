import assert from "node:assert/strict";
import { createServer } from "node:http";
import type { AddressInfo } from "node:net";
import { test } from "node:test";
import { readPlan } from "../../../src/bridge/shift-plan.ts";
import { begin, follow } from "../../../src/bridge/shift-orders.ts";
import { statusOf, type ShiftStatus } from "../../../src/bridge/shift-status.ts";
import { type Shift, weightsOf } from "../../../src/bridge/shift.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { cli, type Ran } from "./fake-terminal.ts";

interface Answer {
  readonly status: number;
  readonly body: object;
}

/** An admin port that gives these answers one after another, the last one for ever. */
async function asking(
  argv: readonly string[],
  ...answers: readonly Answer[]
): Promise<Ran & { readonly asked: string[] }> {
  const asked: string[] = [];
  const clock = new FakeClock(Date.UTC(2030, 0, 1));
  const server = createServer((request, response) => {
    let body = "";
    request.on("data", (bytes: Buffer) => (body += bytes.toString()));
    request.on("end", () => {
      const answer = answers[Math.min(asked.length, answers.length - 1)];
      asked.push(`${request.method} ${request.url} ${body}`);
      response.writeHead(answer?.status ?? 500).end(JSON.stringify(answer?.body));
      setImmediate(() => clock.advance(1_000));
    });
  });
  await new Promise<void>((resolve) => server.listen(0, "127.0.0.1", resolve));
  const moving = setInterval(() => clock.advance(1_000), 5);
  try {
    const admin = `http://127.0.0.1:${(server.address() as AddressInfo).port}`;
    return { ...(await cli([...argv, "--admin", admin], { clock })), asked };
  } finally {
    clearInterval(moving);
    server.closeAllConnections();
    await new Promise((resolve) => server.close(resolve));
  }
}

const plan = readPlan({ path: "/svc/users", from: "/#/zk/users", to: "/#/k8s/users" });
const order = { who: "ada@web-1", why: "CHG-1", at: Date.UTC(2030, 0, 1) };

function shiftAfter(...verbs: readonly ("pause" | "rollback" | "ack")[]): Shift {
  const started = begin(undefined, plan, "start", order);
  assert.ok(started.tag === "changed");
  return verbs.reduce<Shift>((shift, verb) => {
    const ordered = follow(shift, verb, order);
    assert.ok(ordered.tag === "changed");
    return ordered.shift;
  }, started.shift);
}

function statusAfter(...verbs: readonly ("pause" | "rollback" | "ack")[]): ShiftStatus {
  const shift = shiftAfter(...verbs);
  const two = { ids: [], addresses: new Set(["10.0.0.1:80", "10.0.0.2:80"]) };
  const nobody = { ids: [], addresses: new Set<string>(), problem: "nobody is there" };
  return statusOf({
    shift,
    weights: weightsOf(shift),
    override: undefined,
    isOwed: false,
    driven: undefined,
    names: [{ router: "http", name: "/svc/users", targets: { from: two, to: nobody } }],
    isHere: true,
    host: "web-1",
    others: [{ side: "from", router: "http", name: "/svc/legacy-users" }],
  });
}

const view = (...shifts: readonly ShiftStatus[]): Answer => ({
  status: 200,
  body: { at: order.at, store: { place: "/var/lib/linkspan", state: "ok", owed: [] }, shifts },
});
const accepted = (shift: Shift): Answer => ({ status: 200, body: { result: "changed", shift } });

test("shift start says what is to be done, and by whom", async () => {
  const argv = ["--from", "/#/zk/users", "--to", "/#/k8s/users", "--steps", "5,100", "--bake", "30s"];
  const limits = ["--guard", "success_delta<0.5%", "--guard", "p99_ratio<2", "--min-requests", "50"];
  const who = ["--by", "ada", "--reason", "CHG-1"];
  const ran = await asking(["shift", "start", "/svc/users", ...argv, ...limits, ...who], accepted(shiftAfter()));
  assert.deepEqual([ran.code, ran.err], [0, ""]);
  assert.equal(ran.out, "users is running\nNext: linkspan shift status users -w\n");
  const [asked = ""] = ran.asked;
  assert.match(asked, /^POST \/api\/shifts\/start /);
  assert.deepEqual(JSON.parse(asked.slice(asked.indexOf("{"))), {
    path: "/svc/users",
    from: "/#/zk/users",
    to: "/#/k8s/users",
    steps: [5, 100],
    bakeMs: 30_000,
    guard: { successDelta: 0.005, p99Ratio: 2, minRequests: 50 },
    plan: false,
    who: "ada",
    reason: "CHG-1",
  });
});

for (const wrong of [
  ["start", "/svc/users", "--from", "/#/a"],
  ["start", "/svc/users", "--from", "/#/a", "--to", "/#/b", "--guard", "p50<1"],
  ["start", "/svc/users", "--from", "/#/a", "--to", "/#/b", "--guard", "p99_ratio<1%"],
  ["start", "/svc/users", "--from", "/#/a", "--to", "/#/b", "--bake", "soon"],
  ["rollback"],
  ["list", "users"],
  ["stop", "users"],
]) {
  test(`shift ${wrong.join(" ")} is no order`, async () => {
    assert.equal((await cli(["shift", ...wrong])).code, 2);
  });
}

test("an order says what is so now and what comes next", async () => {
  const back = await asking(["shift", "rollback", "users"], accepted(shiftAfter("rollback")));
  assert.equal(back.out, "users is rolled-back\nNext: linkspan shift ack users\n");
  const paused = await asking(["shift", "pause", "/svc/users"], accepted(shiftAfter("pause")));
  assert.equal(paused.out, "users is paused\nNext: linkspan shift resume users\n");
});

test("an order that is refused exits 1, one that is none 2, and a store that cannot be asked 3", async () => {
  const codes = await Promise.all(
    [409, 400, 424].map(
      async (status) => (await asking(["shift", "ack", "users"], { status, body: { error: "no" } })).code,
    ),
  );
  assert.deepEqual(codes, [1, 2, 3]);
});

test("shift list shows a line a shift", async () => {
  const { code, out } = await asking(["shift", "list"], view(statusAfter()));
  assert.equal(code, 0);
  assert.match(
    out,
    /^SHIFT +NAME +STATE +ORDERED +MEASURED +FROM +TO\nusers +\/svc\/users +running step 1 of 4 +99\/1 +- /,
  );
  assert.equal((await asking(["shift", "list"], view())).out, "There are no shifts.\n");
});

test("shift status says what cannot be used, and whom the weights do not reach", async () => {
  const { code, out } = await asking(["shift", "status", "users"], view(statusAfter()));
  assert.equal(code, 0);
  assert.match(out, /to +\/#\/k8s\/users +1 % +- +0 +- +- +0 \(nobody is there\)/);
  assert.match(out, /`to` \(\/#\/k8s\/users\) cannot be used: nobody is there; all goes to `from` meanwhile/);
  assert.match(out, /\/svc\/legacy-users on the router http leads to `from` too/);
  assert.match(out, /whoever looks \/#\/zk\/users up in its registry without this router knows no weights/);
  assert.match(out, /2030-01-01T00:00:00Z start: running 99\/1, by ada@web-1: CHG-1\n/);
});

test("shift status exits 1 for what is rolled back, and not any more when that is acknowledged", async () => {
  assert.equal((await asking(["shift", "status", "users"], view(statusAfter("rollback")))).code, 1);
  assert.equal((await asking(["shift", "status", "users"], view(statusAfter("rollback", "ack")))).code, 0);
  assert.equal((await asking(["shift", "status", "nobody"], view(statusAfter()))).code, 1);
});

test("shift status -w writes what moves until it is over", async () => {
  const ran = await asking(
    ["shift", "status", "users", "-w"],
    view(statusAfter()),
    view(statusAfter()),
    view(statusAfter("rollback")),
  );
  assert.equal(ran.code, 1);
  assert.equal(ran.out.trim().split("\n").length, 2);
  assert.match(ran.out, /rolled-back, ordered 100\/0/);
});

test("shift start says whose requests, and what is no scope is no order", async () => {
  const argv = ["shift", "start", "/svc/users", "--from", "/#/zk/users", "--to", "/#/k8s/users"];
  const scopes = ["--scope", "router=web,internal", "--scope", "host=5%", "--scope", "zone=eu-1", "--scope", "all"];
  const ran = await asking([...argv, ...scopes, "--force"], accepted(shiftAfter()));
  const [asked = ""] = ran.asked;
  const body = JSON.parse(asked.slice(asked.indexOf("{"))) as { scope: object; force: boolean };
  assert.deepEqual(body.scope, { routers: ["web", "internal"], hostShare: 5, zones: ["eu-1"] });
  assert.equal(body.force, true);
  const hosts = await asking([...argv, "--scope", "host=web-1,canary-*"], accepted(shiftAfter()));
  assert.match(hosts.asked[0] ?? "", /"scope":\{"hosts":\["web-1","canary-\*"\]\}/);
  assert.equal((await cli([...argv, "--scope", "some"])).code, 2);
});

test("an order that is refused for a shift says what comes next for that one", async () => {
  const error = { status: 409, body: { error: "users is running already", shift: shiftAfter() } };
  const ran = await asking(["shift", "pause", "users"], error);
  assert.equal(ran.err, "linkspan: users is running already\nNext: linkspan shift status users -w\n");
});
