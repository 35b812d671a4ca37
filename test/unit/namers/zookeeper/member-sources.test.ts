import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import { MemberSources } from "../../../../namers/zookeeper/member-sources.ts";
import type { MemberReader } from "../../../../namers/zookeeper/member-reader.ts";
import { namesOnly } from "../../../../namers/zookeeper/node-kind.ts";
import { Path } from "../../../../src/naming/path.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FollowedName } from "../../../../src/testing/followed-var.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeZooKeeper } from "../../../fakes/zookeeper.ts";

let server: FakeZooKeeper;
before(async () => {
  server = await FakeZooKeeper.start();
});
after(() => server[Symbol.asyncDispose]());
beforeEach(() => server.wipe());

/** Takes each child for a port, and refuses a node with a child of the name "bad" as a whole. */
const portReader: MemberReader<true> = {
  read(children) {
    if (children?.has("bad") === true) throw new Error("it is bad");
    const members = [...(children?.keys() ?? [])].map((name) => {
      const address = { host: "10.0.0.1", port: Number(name), weight: 1 };
      return [name, { address, instance: { ...address, id: name, ready: true } }] as const;
    });
    return { members: children && new Map(members) };
  },
};

function newSources() {
  const context = testContext({ guard: { holdMs: 0, nameShare: 0.5, sourceShare: 0.2 } });
  const sources = new MemberSources(
    namesOnly,
    { connectString: server.connectString, sessionTimeoutMs: 5_000 },
    context,
  );
  const place = { path: "/users", reader: portReader };
  const follow = (name: string): FollowedName => {
    const id = Path.of(name);
    return new FollowedName(sources.services.tree(id, Path.empty, sources.at(place)));
  };
  return { sources, follow };
}

const bound = (followed: FollowedName, keys: string): Promise<boolean> =>
  eventually(`bound to ${keys}`, () => followed.keys?.join() === keys);

test("a name that comes to a node during an outage hears what is known of it, stale", async () => {
  const { sources, follow } = newSources();
  await using _ = sources;
  server.set("/users/1", "");
  using first = follow("first");
  await bound(first, "10.0.0.1:1");
  await server.down();
  await eventually("stale", () => first.isStale);
  using second = follow("second");
  await bound(second, "10.0.0.1:1");
  assert.equal(second.isStale, true);
  await server.up();
  server.set("/users/2", "");
  await bound(second, "10.0.0.1:1,10.0.0.1:2");
  await eventually("both are well", () => !first.isStale && !second.isStale, 15_000);
});

test("a node of which nothing can be made keeps what was made of it, and is read on", async () => {
  const { sources, follow } = newSources();
  await using _ = sources;
  server.set("/users/1", "");
  using followed = follow("users");
  await bound(followed, "10.0.0.1:1");
  server.set("/users/bad", "");
  await eventually("stale", () => followed.isStale);
  assert.equal(followed.keys?.join(), "10.0.0.1:1");
  server.remove("/users/bad");
  server.set("/users/2", "");
  await bound(followed, "10.0.0.1:1,10.0.0.1:2");
  assert.equal(followed.isStale, false);
});

test("names of one node share its watch, which ends with the last of them", async () => {
  const { sources, follow } = newSources();
  await using _ = sources;
  server.set("/users/1", "");
  const followed = [follow("a"), follow("b"), follow("c")];
  for (const each of followed) await bound(each, "10.0.0.1:1");
  assert.equal(server.watches, 1);
  followed[0]?.[Symbol.dispose]();
  server.set("/users/2", "");
  await bound(followed[1] as FollowedName, "10.0.0.1:1,10.0.0.1:2");
  followed.forEach((each) => each[Symbol.dispose]());
  await eventually("no watch", () => server.watches === 0);
});
