import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { GroupNamer } from "../../../../namers/zookeeper/group-namer.ts";
import { Op } from "../../../../namers/zookeeper/records.ts";
import type { ServersetNode } from "../../../../namers/zookeeper/serverset-reader.ts";
import { serversets } from "../../../../namers/zookeeper/serversets.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FollowedVar } from "../../../../src/testing/followed-var.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { memberJson } from "../../../fakes/serverset-fixture.ts";
import { FakeZooKeeper } from "../../../fakes/zookeeper.ts";

let server: FakeZooKeeper;
before(async () => {
  server = await FakeZooKeeper.start();
});
after(() => server[Symbol.asyncDispose]());
beforeEach(() => server.wipe());

const newNamer = (): GroupNamer<ServersetNode> =>
  new GroupNamer(serversets, { connectString: server.connectString, sessionTimeoutMs: 5_000 }, testContext());
const put = (path: string): void => server.set(path, memberJson({ host: "127.0.0.1", port: 8001 }));
const shown = (names: FollowedVar<readonly { readonly show: string }[]>): string | undefined =>
  names.value?.map((each) => each.show).join();

test("all groups of a tree are listed, and those that come and go", async () => {
  await using namer = newNamer();
  put("/a/b/member_0000000001");
  put("/a/member_0000000001");
  server.set("/zookeeper/quota", "");
  server.set("/empty/folder", "");
  put("/odd:name/member_0000000001");
  using names = new FollowedVar(namer.names());
  await eventually("two names", () => shown(names) === "/a,/a/b");
  put("/a/b/c/d/member_0000000001");
  await eventually("a third", () => shown(names) === "/a,/a/b,/a/b/c/d");
  server.remove("/a/b");
  await eventually("one is left", () => shown(names) === "/a");
  server.remove("/a");
  await eventually("none", () => shown(names) === "");
  put("/a/b/member_0000000001");
  await eventually("it is back", () => shown(names) === "/a/b");
});

test("the list of groups goes on after an outage, and after the session's end", async () => {
  await using namer = newNamer();
  put("/a/member_0000000001");
  using names = new FollowedVar(namer.names());
  await eventually("one name", () => shown(names) === "/a");
  await server.down();
  await eventually("stale", () => names.isStale);
  put("/b/member_0000000001");
  await server.up();
  await eventually("two names", () => shown(names) === "/a,/b" && !names.isStale, 15_000);
  server.expireSession();
  put("/c/d/member_0000000001");
  await eventually("three names", () => shown(names) === "/a,/b,/c/d", 15_000);
});

test("a tree that cannot be read is told of, and read again", async () => {
  await using namer = newNamer();
  put("/a/member_0000000001");
  server.failNext(-102, Op.getChildren2);
  using names = new FollowedVar(namer.names());
  await eventually("failed", () => names.state.tag === "failed");
  await eventually("listed", () => shown(names) === "/a");
});

test("a tree of very many nodes is not listed, and that is said", async () => {
  await using namer = newNamer();
  for (let n = 0; n <= 10_000; n++) server.set(`/crowd/n-${n}`);
  using names = new FollowedVar(namer.names());
  await eventually("failed", () => names.state.tag === "failed");
  const { state } = names;
  assert.ok(state.tag === "failed" && /more than 10000 nodes/.test(state.cause.message));
});

test("a tree of many nodes is listed again after the session's end, and a change in it soon after", async () => {
  await using namer = newNamer();
  for (let n = 0; n < 6_000; n++) server.set(`/crowd/n-${n}`);
  put("/a/member_0000000001");
  using names = new FollowedVar(namer.names());
  await eventually("listed", () => shown(names) === "/a");
  server.expireSession();
  put("/crowd/n-7/member_0000000001");
  await eventually("listed again", () => shown(names) === "/a,/crowd/n-7" && !names.isStale, 15_000);
  put("/b/member_0000000001");
  await eventually("a change is told", () => shown(names) === "/a,/b,/crowd/n-7", 1_500);
});

test("after the session's end a list waits for its turn before it reads many nodes again", async () => {
  const late = testContext({ random: { next: () => 0.99 } });
  await using namer = new GroupNamer(
    serversets,
    { connectString: server.connectString, sessionTimeoutMs: 5_000 },
    late,
  );
  for (let n = 0; n < 1_000; n++) server.set(`/crowd/n-${n}/member_0000000001`);
  using names = new FollowedVar(namer.names());
  await eventually("listed", () => names.value?.length === 1_000);
  const before = server.requests.length;
  const lists = (): number => server.requests.slice(before).filter((each) => each.op === Op.getChildren2).length;
  server.expireSession();
  await eventually("a new session", () => server.requests.length > before || !names.isStale);
  const since = performance.now();
  await eventually("listed again", () => lists() >= 1_000);
  assert.ok(performance.now() - since > 400, `${performance.now() - since} ms`);
});

test("who lists no longer leaves no watch behind", async () => {
  await using namer = newNamer();
  put("/a/b/member_0000000001");
  const names = new FollowedVar(namer.names());
  await eventually("listed", () => shown(names) === "/a/b");
  assert.ok(server.watches > 0);
  names[Symbol.dispose]();
  await eventually("no watch", () => server.watches === 0);
});
