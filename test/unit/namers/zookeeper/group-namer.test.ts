import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { GroupNamer, type Groups } from "../../../../namers/zookeeper/group-namer.ts";
import { leaders } from "../../../../namers/zookeeper/leaders.ts";
import { serversets } from "../../../../namers/zookeeper/serversets.ts";
import { Path } from "../../../../src/naming/path.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FollowedName } from "../../../../src/testing/followed-var.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { memberJson } from "../../../fakes/serverset-fixture.ts";
import { FakeZooKeeper } from "../../../fakes/zookeeper.ts";

let server: FakeZooKeeper;
before(async () => {
  server = await FakeZooKeeper.start();
});
after(() => server[Symbol.asyncDispose]());
beforeEach(() => {
  server.wipe();
  server.requests.length = 0;
});

const host = "127.0.0.1";

function namerOf<T>(groups: Groups<T>, holdMs = 0): GroupNamer<T> {
  const options = { connectString: server.connectString, sessionTimeoutMs: 5_000 };
  return new GroupNamer(groups, options, testContext({ guard: { holdMs, nameShare: 0.5, sourceShare: 0.2 } }));
}

const put = (path: string, port: number, more: object = {}): void => server.set(path, memberJson({ host, port }, more));

const until = (followed: FollowedName, id: string, residual: string, ...ports: number[]): Promise<boolean> =>
  eventually(
    `${id} at ${ports.join()} with ${residual}`,
    () =>
      followed.keys?.join() === ports.map((port) => `${host}:${port}`).join() &&
      followed.bound?.id.show === id &&
      followed.bound.residual.show === residual,
  );

test("the longest beginning of a path that is a serverset is bound, and the rest is the residual in its order", async () => {
  await using namer = namerOf(serversets);
  put("/foo/bar/member_0000000001", 8001);
  using followed = new FollowedName(namer.lookup(Path.read("/foo/bar/x/y/z")));
  await until(followed, "/foo/bar", "/x/y/z", 8001);
  using whole = new FollowedName(namer.lookup(Path.read("/foo/bar")));
  await until(whole, "/foo/bar", "/", 8001);
  using nobody = new FollowedName(namer.lookup(Path.read("/nobody/there")));
  await eventually("neg", () => nobody.isNeg);
});

test("an endpoint and a shard are part of the id, and one that is no job is a residual", async () => {
  await using namer = namerOf(serversets);
  const additionalEndpoints = { http: { host, port: 9001 } };
  put("/foo/bar/member_0000000001", 8001, { shard: 0, additionalEndpoints });
  put("/foo/bar/member_0000000002", 8002, { shard: 1 });
  using http = new FollowedName(namer.lookup(Path.of("foo", "bar:http#0")));
  await until(http, Path.of("foo", "bar:http#0").show, "/", 9001);
  using odd = new FollowedName(namer.lookup(Path.of("foo", "bar", "a:b:c")));
  await until(odd, "/foo/bar", Path.of("a:b:c").show, 8001, 8002);
});

test("a root with members is bound to the empty id, and everything is the residual", async () => {
  await using namer = namerOf(serversets);
  put("/member_0000000001", 8001);
  using followed = new FollowedName(namer.lookup(Path.read("/a/b")));
  await until(followed, "/", "/a/b", 8001);
});

test("a longer name that appears takes over, and gives way when it vanishes", async () => {
  await using namer = namerOf(serversets);
  put("/foo/member_0000000001", 8001);
  using followed = new FollowedName(namer.lookup(Path.read("/foo/bar/x")));
  await until(followed, "/foo", "/bar/x", 8001);
  put("/foo/bar/member_0000000001", 8002);
  await until(followed, "/foo/bar", "/x", 8002);
  put("/foo/bar/x/member_0000000001", 8003);
  await until(followed, "/foo/bar/x", "/", 8003);
  server.remove("/foo/bar");
  await until(followed, "/foo", "/bar/x", 8001);
  server.remove("/foo");
  await eventually("neg", () => followed.isNeg);
});

test("data that changes in place, and a status that does, are followed", async () => {
  await using namer = namerOf(serversets, 60_000);
  put("/users/member_0000000001", 8001);
  put("/users/member_0000000002", 8002);
  using followed = new FollowedName(namer.lookup(Path.read("/users")));
  await until(followed, "/users", "/", 8001, 8002);
  put("/users/member_0000000001", 8101);
  await until(followed, "/users", "/", 8002, 8101);
  put("/users/member_0000000002", 8002, { status: "STOPPING" });
  await until(followed, "/users", "/", 8101);
  put("/users/member_0000000001", 8101, { status: "DEAD" });
  await eventually("neg", () => followed.isNeg);
  assert.equal(followed.isHeld, false);
});

test("a loss that is held gives way to a shorter name at the moment it is released", async () => {
  await using namer = namerOf(serversets, 60_000);
  put("/foo/member_0000000001", 8001);
  put("/foo/bar/member_0000000001", 8002);
  using followed = new FollowedName(namer.lookup(Path.read("/foo/bar/x")));
  await until(followed, "/foo/bar", "/x", 8002);
  server.remove("/foo/bar/member_0000000001");
  await eventually("held, and the shorter name known", () => followed.isHeld && namer.watches().length === 3);
  await eventually("known", () => namer.watches().every(({ name, state }) => name !== "/foo" || state === "ok"));
  assert.equal(namer.release(Path.read("/foo/bar"), "unreachable"), true);
  assert.equal(followed.bound?.id.show, "/foo");
  assert.equal(followed.bound.residual.show, "/bar/x");
});

test("names of one node share its watch and what is read of it", async () => {
  await using namer = namerOf(serversets);
  put("/foo/member_0000000001", 8001, { shard: 1, additionalEndpoints: { http: { host, port: 9001 } } });
  using plain = new FollowedName(namer.lookup(Path.read("/foo")));
  await until(plain, "/foo", "/", 8001);
  const asked = server.requests.length;
  using http = new FollowedName(namer.lookup(Path.of("foo:http")));
  using shard = new FollowedName(namer.lookup(Path.of("foo#1")));
  await until(http, Path.of("foo:http").show, "/", 9001);
  await until(shard, Path.of("foo#1").show, "/", 8001);
  assert.equal(server.requests.length, asked);
});

test("a folder is watched for its members alone, and as a whole once it has one", async () => {
  await using namer = namerOf(serversets);
  for (let n = 0; n < 20; n++) put(`/folder/s-${n}/member_0000000001`, 8000 + n);
  using followed = new FollowedName(namer.lookup(Path.read("/folder")));
  await eventually("neg", () => followed.isNeg);
  const asked = server.requests.length;
  for (let n = 0; n < 20; n++) put(`/folder/s-${n}/member_0000000002`, 9000 + n);
  put("/folder/member_0000000001", 8500);
  await until(followed, "/folder", "/", 8500);
  assert.ok(server.requests.length - asked < 10, `${server.requests.length - asked} requests`);
});

test("a path of very many elements is tried at its beginning only", async () => {
  await using namer = namerOf(serversets);
  put("/foo/member_0000000001", 8001);
  const rest = Array.from({ length: 500 }, () => "x");
  using followed = new FollowedName(namer.lookup(Path.of("foo", ...rest)));
  await until(followed, "/foo", Path.of(...rest).show, 8001);
  assert.ok(namer.watches().length <= 33);
});

test("a leader group is bound where it is led, live from the beginning, and its residual keeps its order", async () => {
  await using namer = namerOf(leaders);
  using followed = new FollowedName(namer.lookup(Path.read("/a/b/c")));
  await eventually("neg", () => followed.isNeg);
  server.set("/a/member_0000000002", `${host}:8002`);
  await until(followed, "/a", "/b/c", 8002);
  server.set("/a/member_0000000001", `${host}:8001,${host}:8011`);
  await until(followed, "/a", "/b/c", 8001, 8011);
  server.remove("/a/member_0000000001");
  await until(followed, "/a", "/b/c", 8002);
  server.remove("/a");
  await eventually("neg again", () => followed.isNeg);
});

test("a group that is emptied at once is held, and another leader is not", async () => {
  await using namer = namerOf(leaders, 60_000);
  for (const n of [1, 2])
    server.set(`/masters/member_000000000${n}`, `${host}:800${n},${host}:801${n},${host}:802${n}`);
  using followed = new FollowedName(namer.lookup(Path.read("/masters")));
  await until(followed, "/masters", "/", 8001, 8011, 8021);
  server.remove("/masters/member_0000000001");
  await until(followed, "/masters", "/", 8002, 8012, 8022);
  assert.equal(followed.isHeld, false);
  server.remove("/masters");
  await eventually("held", () => followed.isHeld);
  assert.equal(followed.keys?.length, 3);
});
