import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { CuratorNamerOptions } from "../../../../namers/zookeeper/curator-namer.ts";
import { Op } from "../../../../namers/zookeeper/records.ts";
import type { GuardSettings } from "../../../../src/base/guard.ts";
import { Path } from "../../../../src/naming/path.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";
import { FollowedName, FollowedVar } from "../../../../src/testing/followed-var.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { curatorFixture, curatorJson } from "../../../fakes/curator-fixture.ts";
import { FakeZooKeeper } from "../../../fakes/zookeeper.ts";

let server: FakeZooKeeper;
before(async () => {
  server = await FakeZooKeeper.start();
});
after(() => server[Symbol.asyncDispose]());

const users = Path.of("users");
const one = (n: number) => ({ id: `i-${n}`, host: "127.0.0.1", port: 8000 + n });
const LONG_HOLD: GuardSettings = { holdMs: 60_000, nameShare: 0.5, sourceShare: 0.2 };

async function fixtureWith(more: Partial<CuratorNamerOptions> = {}, guard = LONG_HOLD) {
  const log = new RecordingLog();
  const fixture = await curatorFixture(server.port, { guard, clock: new CountingClock(), log, down: false }, more);
  return { ...fixture, log };
}

const until = (followed: FollowedName, ...ports: number[]): Promise<boolean> =>
  eventually(
    `bound to ${ports.join()}`,
    () => followed.keys?.join() === ports.map((each) => `127.0.0.1:${each}`).join(),
  );

test("an instance that says it is not enabled is withdrawn at once, the last one too, and is still shown", async () => {
  await using fixture = await fixtureWith();
  await fixture.put("users", [one(1), one(2)]);
  using followed = new FollowedName(fixture.namer.lookup(users));
  using instances = new FollowedVar(fixture.namer.instances(users));
  await until(followed, 8001, 8002);
  for (const n of [1, 2]) {
    await fixture.writer.setData(`${fixture.basePath}/users/i-${n}`, curatorJson("users", one(n), { enabled: false }));
  }
  await eventually("neg", () => followed.isNeg);
  assert.equal(followed.isHeld, false);
  assert.deepEqual(
    instances.value?.map((each) => each.ready),
    [false, false],
  );
});

test("instances that are not enabled are called where that is wanted", async () => {
  await using fixture = await fixtureWith({ useDisabled: true });
  await fixture.put("users", [one(1)]);
  await fixture.writer.setData(`${fixture.basePath}/users/i-1`, curatorJson("users", one(1), { enabled: false }));
  using followed = new FollowedName(fixture.namer.lookup(users));
  await until(followed, 8001);
});

test("a service without instances is bound to nobody where that is wanted", async () => {
  await using fixture = await fixtureWith({ bindEmpty: true });
  using followed = new FollowedName(fixture.namer.lookup(users));
  await eventually("bound to nobody", () => followed.keys?.length === 0);
  await fixture.put("users", [one(1)]);
  await until(followed, 8001);
});

test("instances that go one by one go at once, until most of them are gone", async () => {
  await using fixture = await fixtureWith();
  const all = [1, 2, 3, 4, 5, 6].map(one);
  await fixture.put("users", all);
  using followed = new FollowedName(fixture.namer.lookup(users));
  await until(followed, 8001, 8002, 8003, 8004, 8005, 8006);
  await fixture.put("users", all.slice(1));
  await until(followed, 8002, 8003, 8004, 8005, 8006);
  await fixture.put("users", all.slice(2));
  await until(followed, 8003, 8004, 8005, 8006);
  await fixture.put("users", all.slice(5));
  await eventually("held", () => followed.isHeld);
  assert.ok(followed.keys?.includes("127.0.0.1:8003"));
});

test("a loss that is released during an outage is stale all the same", async () => {
  await using fixture = await fixtureWith();
  await fixture.put("users", [one(1), one(2), one(3)]);
  using followed = new FollowedName(fixture.namer.lookup(users));
  await until(followed, 8001, 8002, 8003);
  await fixture.put("users", [one(1)]);
  await eventually("held", () => followed.isHeld);
  await fixture.down();
  await eventually("stale", () => followed.isStale);
  fixture.namer.release(users, "ordered");
  await until(followed, 8001);
  assert.equal(followed.isStale, true);
  await fixture.up();
  await eventually("well", () => !followed.isStale);
});

test("an expired session is followed by another, with all watches", async () => {
  await using fixture = await fixtureWith({ sessionTimeoutMs: 300 });
  await fixture.put("users", [one(1)]);
  using followed = new FollowedName(fixture.namer.lookup(users));
  await until(followed, 8001);
  await fixture.down();
  await quietFor(600);
  await fixture.up();
  await fixture.put("users", [one(1), one(2)]);
  await until(followed, 8001, 8002);
  await fixture.put("users", [one(1), one(2), one(3)]);
  await until(followed, 8001, 8002, 8003);
});

test("a name that cannot be read because of its ACL has failed, and other names have not", async () => {
  await using fixture = await fixtureWith();
  await fixture.put("users", [one(1)]);
  await fixture.put("orders", [one(2)]);
  server.failNext(-102, Op.getChildren2);
  using followed = new FollowedName(fixture.namer.lookup(users));
  await eventually("failed", () => followed.tree.state.tag === "failed");
  using orders = new FollowedName(fixture.namer.lookup(Path.of("orders")));
  await until(orders, 8002);
  await until(followed, 8001);
});

test("all names share one session", async () => {
  await using fixture = await fixtureWith();
  await fixture.put("users", [one(1)]);
  await fixture.put("orders", [one(2)]);
  using first = new FollowedName(fixture.namer.lookup(users));
  using second = new FollowedName(fixture.namer.lookup(Path.of("orders")));
  await until(first, 8001);
  await until(second, 8002);
  assert.equal(fixture.connections(), 1);
});

test("a service whose name has a slash in it is one element, and no way out of the base path", async () => {
  await using fixture = await fixtureWith();
  server.set(`${fixture.basePath}/shop/users/i-1`, curatorJson("shop/users", one(1)));
  using followed = new FollowedName(fixture.namer.lookup(Path.of("shop/users", "rest")));
  await until(followed, 8001);
  assert.equal(followed.bound?.id.elems.join(), "shop/users");
  assert.equal(followed.bound.residual.show, "/rest");
  for (const odd of ["../users", "shop/", "/users", "shop//users", "a\x07b", "\xff"]) {
    using nobody = new FollowedName(fixture.namer.lookup(Path.of(odd)));
    await eventually("neg", () => nobody.isNeg);
  }
});

test("an instance's URI template says its port, and its address shows what is wanted of it", async () => {
  await using fixture = await fixtureWith({ meta: ["id", "payload"] });
  const more = { port: null, uriSpec: "http://{address}:8001/", payload: { "@class": "demo.Meta", version: "1" } };
  server.set(`${fixture.basePath}/users/i-1`, curatorJson("users", one(1), more));
  using followed = new FollowedName(fixture.namer.lookup(users));
  await until(followed, 8001);
  const payload = '{"@class":"demo.Meta","version":"1"}';
  assert.deepEqual(followed.addresses?.value?.addresses[0]?.meta, { id: "i-1", payload });
});
