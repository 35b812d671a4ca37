/** io.l5d.curator is held to the contract of namers on a real ZooKeeper, and through what only a real one does. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Path } from "../../src/naming/path.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FollowedName } from "../../src/testing/followed-var.ts";
import { namerContract } from "../../src/testing/namer-contract.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { curatorFixture } from "../fakes/curator-fixture.ts";
import { requireServer } from "../servers/require.ts";
import { missingForZooKeeper, startZooKeeper, type ZooKeeperServer } from "../servers/zookeeper.ts";

const missing = missingForZooKeeper();
let server: ZooKeeperServer | undefined;

before(async () => {
  if (missing === undefined) server = await startZooKeeper({ tickTime: 500 });
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

if (missing === undefined) {
  // Curator's instances have no weight; a real server does not refuse every question and go on.
  const without = ["weights", "refuse"] as const;
  const restart = async (): Promise<void> => server?.restart();
  const kept = async (): Promise<number> => (await server?.watches()) ?? 0;
  namerContract(
    "io.l5d.curator on ZooKeeper",
    (options) => curatorFixture(server?.port ?? 0, options, {}, { restart, kept }),
    { without },
  );
}

test("a registry that was wiped takes nothing away until a second look", { timeout: 60_000 }, async (t) => {
  if (!requireServer(t, missing) || !server) return;
  const guard = { holdMs: 60_000, nameShare: 0.5, sourceShare: 0.2 };
  const options = { guard, clock: new CountingClock(), log: new RecordingLog(), down: false };
  await using fixture = await curatorFixture(server.port, options);
  const { namer, put } = fixture;
  const ports = [8001, 8002, 8003, 8004, 8005];
  for (const port of ports) await put(`s-${port}`, [{ id: "i-1", host: "127.0.0.1", port }]);
  const all = ports.map((port) => new FollowedName(namer.lookup(Path.of(`s-${port}`))));
  const isBound = (): boolean => all.every((each, at) => each.keys?.join() === `127.0.0.1:${ports[at]}`);
  await eventually("all are bound", isBound);
  await server.wipe();
  await eventually("all are stale", () => all.every((each) => each.isStale), 10_000);
  await server.start();
  await eventually("all are held", () => all.every((each) => each.isHeld && !each.isStale), 20_000);
  assert.ok(isBound());
  assert.equal(namer.release(Path.of("s-8001"), "ordered"), true);
  await eventually("the released name is believed", () => all[0]?.isNeg);
  assert.ok(all.slice(1).every((each) => each.keys?.length === 1));
  all.forEach((each) => each[Symbol.dispose]());
});

test("a frozen server is noticed, and its thaw too", { timeout: 60_000 }, async (t) => {
  if (!requireServer(t, missing) || !server) return;
  const guard = { holdMs: 0, nameShare: 0.5, sourceShare: 0.2 };
  const options = { guard, clock: new CountingClock(), log: new RecordingLog(), down: false };
  await using fixture = await curatorFixture(server.port, options);
  await fixture.put("users", [{ id: "i-1", host: "127.0.0.1", port: 8001 }]);
  using followed = new FollowedName(fixture.namer.lookup(Path.of("users")));
  await eventually("bound", () => followed.keys?.length === 1);
  server.freeze();
  await eventually("stale", () => followed.isStale, 10_000);
  assert.equal(followed.keys?.join(), "127.0.0.1:8001");
  server.thaw();
  await eventually("well", () => !followed.isStale, 15_000);
  await fixture.put("users", [{ id: "i-1", host: "127.0.0.1", port: 8101 }]);
  await eventually("followed", () => followed.keys?.join() === "127.0.0.1:8101");
});
