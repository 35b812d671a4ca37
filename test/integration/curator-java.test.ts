/** An unmodified Java Curator client registers, updates, leaves and dies on a real ZooKeeper, and the namer follows. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { CuratorNamer } from "../../namers/zookeeper/curator-namer.ts";
import { Path } from "../../src/naming/path.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FollowedName, FollowedVar } from "../../src/testing/followed-var.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { missingForCurator, startCurator } from "../servers/curator.ts";
import { requireServer } from "../servers/require.ts";
import { missingForZooKeeper, startZooKeeper } from "../servers/zookeeper.ts";

const users = Path.read("/users");
const host = "127.0.0.1";

const until = (followed: FollowedName, ports: readonly number[], withinMs = 5_000): Promise<boolean> =>
  eventually(
    `bound to ${ports.join()}`,
    () => followed.keys?.join() === ports.map((port) => `${host}:${port}`).join(),
    withinMs,
  );

test("the namer follows an unmodified Java Curator client", { timeout: 120_000 }, async (t) => {
  if (!requireServer(t, missingForZooKeeper() ?? missingForCurator())) return;
  await using server = await startZooKeeper({ tickTime: 500, java: ["-Dznode.container.checkIntervalMs=500"] });
  const clock = new CountingClock();
  const options = { port: "sslPort", useDisabled: false, tags: [], meta: [], bindEmpty: false } as const;
  await using namer = new CuratorNamer(
    { ...options, sessionTimeoutMs: 4_000, connectString: server.connectString, basePath: "/services" },
    testContext({ clock, guard: { holdMs: 0, nameShare: 0.5, sourceShare: 0.2 } }),
  );
  using followed = new FollowedName(namer.lookup(users));
  using names = new FollowedVar(namer.names());
  using instances = new FollowedVar(namer.instances(users));
  await eventually("neg without a base path", () => followed.isNeg);
  await eventually("no names", () => names.value?.length === 0);

  await using first = await startCurator(server.connectString, { sessionTimeoutMs: 2_000 });
  const second = await startCurator(server.connectString, { sessionTimeoutMs: 2_000 });
  await t.test("registrations are seen, each after the other", async () => {
    await first.register({ service: "users", id: "i-1", host, port: 8001 });
    await until(followed, [8001]);
    await first.register({ service: "users", id: "i-2", host, port: 8002 });
    await second.register({ service: "users", id: "i-3", host, port: 8003 });
    await until(followed, [8001, 8002, 8003]);
    await eventually("the name is listed", () => names.value?.map((each) => each.show).join() === "/users");
    assert.deepEqual(
      instances.value?.map((each) => each.id),
      ["i-1", "i-2", "i-3"],
    );
  });
  await t.test("updateService moves an instance at once", async () => {
    await first.update({ service: "users", id: "i-2", host, port: 8102 });
    await until(followed, [8001, 8003, 8102], 1_000);
  });
  await t.test("an instance that unregisters is gone at once", async () => {
    await first.unregister("users", "i-1");
    await until(followed, [8003, 8102], 1_000);
  });
  await t.test("a killed client's instances go with its session", async () => {
    await second.kill();
    await until(followed, [8102], 15_000);
  });
  await t.test("the service's container is swept and made again, and the watch outlives it", async () => {
    await first.unregister("users", "i-2");
    await eventually("neg", () => followed.isNeg);
    await eventually("swept", () => names.value?.length === 0, 15_000);
    await first.register({ service: "users", id: "i-4", host, port: 8004 });
    await until(followed, [8004]);
  });
  await t.test("other types of instance are read alike", async () => {
    await first.register({ service: "users", id: "i-5", host, port: 8005, type: "STATIC" });
    await first.register({ service: "users", id: "i-6", host, port: 8006, type: "DYNAMIC_SEQUENTIAL" });
    await until(followed, [8004, 8005, 8006]);
    assert.ok(instances.value?.some((each) => each.id === "i-6" && each.meta?.["node"] !== "i-6"));
  });
});
