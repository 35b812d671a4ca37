import assert from "node:assert/strict";
import { test } from "node:test";
import { readAppIds, readTasks } from "../../../../namers/marathon/apps.ts";

const task = (id: string, more: object = {}) => ({
  id,
  host: "10.0.0.1",
  ports: [8080],
  state: "TASK_RUNNING",
  ...more,
});
const ids = (app: object, useHealthCheck = false) => [...(readTasks({ app }, useHealthCheck).members?.keys() ?? [])];

test("ids are without the slash before them, and in lower case", () => {
  assert.deepEqual([...readAppIds({ apps: [{ id: "/Shop/users" }, { id: "/a" }, {}, null] })], ["shop/users", "a"]);
  assert.throws(() => readAppIds({}), /not a list/);
});

test("a task is called at its host and its first port, or where it is discovered at its own address", () => {
  const reading = readTasks({ app: { tasks: [task("a", { ports: [1, 2], zone: "z" })] } }, false);
  assert.deepEqual(reading.members?.get("a")?.address, { host: "10.0.0.1", port: 1, weight: 1 });
  assert.equal(reading.members?.get("a")?.instance.zone, "z");
  const ipAddress = { discovery: { ports: [{ number: 99 }] } };
  const own = { ipAddresses: [{ ipAddress: "10.9.9.9" }] };
  const discovered = readTasks({ app: { ipAddress, tasks: [task("a", own), task("b")] } }, false);
  assert.deepEqual(
    [...(discovered.members ?? [])].map(([id, { address }]) => [id, address.host, address.port]),
    [["a", "10.9.9.9", 99]],
  );
});

test("tasks without a host or a port are skipped, and an answer without an application has none", () => {
  const tasks = [task("a"), task("b", { ports: [] }), task("c", { host: undefined }), task("d", { ports: ["x"] }), 7];
  assert.deepEqual(ids({ tasks }), ["a"]);
  assert.equal(readTasks({}, false).members?.size, 0);
});

test("a task that runs without a host or a port is refused, one that has not begun is not", () => {
  const tasks = [
    task("a"),
    task("b", { ports: [] }),
    task("c", { host: undefined, state: undefined }),
    task("d", { ports: [], state: "TASK_STAGING" }),
  ];
  assert.deepEqual([...(readTasks({ app: { tasks } }, false).refused?.keys() ?? [])], ["b", "c"]);
});

test("with health checks a task counts while it runs and all of them are alive; the others are withdrawn by a sign", () => {
  const alive = (...each: boolean[]) => ({ healthCheckResults: each.map((is) => ({ alive: is })) });
  const tasks = [
    task("good", alive(true, true)),
    task("one", alive(true)),
    task("bad", alive(true, false)),
    task("grace"),
    task("killing", { ...alive(true, true), state: "TASK_KILLING" }),
  ];
  const app = { healthChecks: [{}, {}], tasks };
  assert.deepEqual(ids(app, true), ["good"]);
  assert.equal(ids(app).length, 5);
  const { signs, withdrawn } = readTasks({ app }, true);
  assert.deepEqual([signs instanceof Set && signs.size, withdrawn?.length], [4, 4]);
  assert.deepEqual(ids({ tasks: [task("a", { state: "TASK_STAGING" })] }, true), ["a"]);
});
