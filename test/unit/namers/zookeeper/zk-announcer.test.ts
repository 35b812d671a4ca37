import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Op } from "../../../../namers/zookeeper/records.ts";
import { serversetEntries } from "../../../../namers/zookeeper/serverset-entry.ts";
import { join } from "../../../../namers/zookeeper/paths.ts";
import { showMark } from "../../../../src/naming/entry-mark.ts";
import { Path } from "../../../../src/naming/path.ts";
import type { Announcement, Instance } from "../../../../src/plugin.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FollowedVar } from "../../../../src/testing/followed-var.ts";
import { openAnnouncer, owner, pod } from "../../../fakes/announcer-over-zookeeper.ts";
import { FakeZooKeeper } from "../../../fakes/zookeeper.ts";

let server: FakeZooKeeper;
before(async () => {
  server = await FakeZooKeeper.start();
});
after(() => server[Symbol.asyncDispose]());

const users = Path.of("users");
const signal = (): AbortSignal => AbortSignal.timeout(10_000);
const put = (announcement: Announcement, ...instances: readonly Instance[]) =>
  announcement.write(
    instances.map((instance) => ({ op: "put", instance })),
    signal(),
  );
const nameOf = (instance: Instance, member = "m-1"): string =>
  showMark({ owner: { ...owner, member }, origin: instance.origin ?? { registry: "", cluster: "" }, id: instance.id });

test("an entry is one node with the nine fields of Curator, made with its data, below containers", async () => {
  await using fixture = await openAnnouncer(server.connectString);
  const announcement = fixture.announcer.announce(users, owner);
  assert.deepEqual(await put(announcement, pod(1)), [{ tag: "done" }]);
  const name = nameOf(pod(1));
  assert.equal(name, "linkspan:users-to-legacy:m-1:io.l5d.k8s:shop:pod-1");
  const path = `${fixture.base}/users/${name}`;
  const { data, stat } = await fixture.witness.getData(path);
  const time = (JSON.parse(data.toString()) as { readonly registrationTimeUTC: number }).registrationTimeUTC;
  assert.equal(
    data.toString(),
    `{"name":"users","id":"${name}","address":"127.0.0.1","port":8001,"sslPort":null,"payload":null,` +
      `"registrationTimeUTC":${time},"serviceType":"DYNAMIC","uriSpec":null}`,
  );
  assert.notEqual(stat.ephemeralOwner, 0n);
  assert.equal(stat.version, 0);
  assert.ok(server.isContainer(fixture.base) && server.isContainer(`${fixture.base}/users`));
});

test("what was written is read back with its origin, its group and its own id", async () => {
  await using fixture = await openAnnouncer(server.connectString);
  const announcement = fixture.announcer.announce(users, owner);
  await put(announcement, pod(1));
  const { entries } = await announcement.standing(signal());
  assert.equal(entries.length, 1);
  const [entry] = entries;
  assert.equal(entry?.key, `${fixture.base}/users/${nameOf(pod(1))}`);
  assert.equal(entry?.group, owner.group);
  assert.equal(entry?.mine, true);
  assert.equal(entry?.instance.id, "pod-1");
  assert.deepEqual(entry?.instance.origin, { registry: "io.l5d.k8s", cluster: "shop" });
});

test("a change is one write to the node that is there, with the time of its registration", async () => {
  await using fixture = await openAnnouncer(server.connectString);
  const announcement = fixture.announcer.announce(users, owner);
  await put(announcement, pod(1));
  const path = `${fixture.base}/users/${nameOf(pod(1))}`;
  const before = await fixture.witness.getData(path);
  assert.deepEqual(await put(announcement, pod(1, { port: 9001 })), [{ tag: "done" }]);
  const afterwards = await fixture.witness.getData(path);
  assert.equal(afterwards.stat.version, 1);
  assert.equal(afterwards.data.toString(), before.data.toString().replace("8001", "9001"));
  await put(announcement, pod(1, { port: 9001 }));
  assert.equal((await fixture.witness.getData(path)).stat.version, 1);
});

test("a removal takes the entry, and of others only those of the group", async () => {
  await using fixture = await openAnnouncer(server.connectString);
  const announcement = fixture.announcer.announce(users, owner);
  await put(announcement, pod(1), pod(2));
  const place = `${fixture.base}/users`;
  const foreign = showMark({ owner: { group: "else", member: "x" }, origin: { registry: "a", cluster: "b" }, id: "i" });
  const former = nameOf(pod(3), "m-0");
  for (const name of ["legacy", foreign, former]) server.set(join(place, name), "{}");
  await announcement.standing(signal());
  const outcomes = await announcement.write(
    [nameOf(pod(1)), "legacy", foreign, former].map((name) => ({ op: "remove", key: join(place, name) })),
    signal(),
  );
  assert.deepEqual(
    outcomes.map((outcome) => outcome.tag),
    ["done", "conflict", "conflict", "done"],
  );
  assert.deepEqual(server.children(place), ["legacy", foreign, nameOf(pod(2))].sort());
});

test("entries that went with their session are made again under the next one", async () => {
  await using fixture = await openAnnouncer(server.connectString);
  const announcement = fixture.announcer.announce(users, owner);
  using lease = new FollowedVar(announcement.lease);
  await put(announcement, pod(1), pod(2), pod(3));
  await eventually("the lease is known", () => lease.value === 1);
  server.expireSession();
  assert.deepEqual(server.children(`${fixture.base}/users`), []);
  await eventually("all are back", () => server.children(`${fixture.base}/users`).length === 3);
  await eventually("another lease", () => lease.value === 2 && !lease.isStale);
});

test("an entry that somebody else deletes is made again, also where the service went with it", async () => {
  await using fixture = await openAnnouncer(server.connectString);
  const announcement = fixture.announcer.announce(users, owner);
  await put(announcement, pod(1));
  server.remove(`${fixture.base}/users`);
  await eventually("it is back", () => server.children(`${fixture.base}/users`).length === 1, 10_000);
});

test("where an announcer ends its entries go with it, and what was abandoned stays until its session ends", async () => {
  await using fixture = await openAnnouncer(server.connectString, { sessionTimeoutMs: 500 });
  const other = fixture.another();
  const kept = other.announce(users, owner);
  await put(kept, pod(1));
  await put(fixture.announcer.announce(users, { ...owner, member: "m-2" }), pod(2));
  await kept.abandon();
  await other[Symbol.asyncDispose]();
  assert.equal(server.children(`${fixture.base}/users`).length, 2);
  await eventually("the abandoned entry has gone", () => server.children(`${fixture.base}/users`).length === 1);
  await fixture.announcer[Symbol.asyncDispose]();
  assert.deepEqual(server.children(`${fixture.base}/users`), []);
});

test("places are found by the entries that a group has there", async () => {
  await using fixture = await openAnnouncer(server.connectString);
  for (const name of ["users", "orders"]) await put(fixture.announcer.announce(Path.of(name), owner), pod(1));
  await put(fixture.announcer.announce(Path.of("else"), { group: "else", member: "x" }), pod(1));
  const found = await fixture.announcer.owned(owner.group, signal());
  assert.deepEqual(found.map((path) => path.show).sort(), ["/orders", "/users"]);
});

test("more entries than a session may own hang on more sessions", { timeout: 60_000 }, async () => {
  await using fixture = await openAnnouncer(server.connectString);
  const announcement = fixture.announcer.announce(users, owner);
  const instances = Array.from({ length: 4_100 }, (_, n) => pod(n));
  const outcomes = await put(announcement, ...instances);
  assert.ok(outcomes.every((outcome) => outcome.tag === "done"));
  const owned = new Map<bigint, number>();
  const sessions = server.owners(`${fixture.base}/users`);
  for (const session of sessions) owned.set(session, (owned.get(session) ?? 0) + 1);
  assert.deepEqual([...owned.values()].sort(), [100, 2_000, 2_000]);
});

test("a member whose creation was not answered joins once", async () => {
  await using fixture = await openAnnouncer(server.connectString, { format: serversetEntries(0) });
  const announcement = fixture.announcer.announce(users, owner);
  await put(announcement, pod(1));
  server.loseNextAnswer(Op.create);
  const [outcome] = await put(announcement, pod(2));
  assert.equal(outcome?.tag, "failed");
  await put(announcement, pod(2));
  await eventually("both have joined", async () => (await announcement.standing(signal())).entries.length === 2);
  await eventually("nothing is left to do", () => server.children(`${fixture.base}/users`).length === 2);
  const { entries } = await announcement.standing(signal());
  assert.deepEqual(entries.map(({ instance }) => instance.id).sort(), ["pod-1", "pod-2"]);
});

test("a change that was not answered is made when it is ordered again, to the member that is there", async () => {
  await using fixture = await openAnnouncer(server.connectString, { format: serversetEntries(0) });
  const announcement = fixture.announcer.announce(users, owner);
  await put(announcement, pod(1));
  server.loseNextAnswer(Op.setData);
  const [outcome] = await put(announcement, pod(1, { port: 9001 }));
  assert.equal(outcome?.tag, "failed");
  assert.deepEqual(await put(announcement, pod(1, { port: 9001 })), [{ tag: "done" }]);
  const { entries } = await announcement.standing(signal());
  assert.deepEqual(
    entries.map(({ instance }) => instance.port),
    [9001],
  );
});

test("a member that was let go while its creation was not answered does not stay", async () => {
  await using fixture = await openAnnouncer(server.connectString, { format: serversetEntries(0) });
  const announcement = fixture.announcer.announce(users, owner);
  await put(announcement, pod(1));
  server.loseNextAnswer(Op.create);
  await put(announcement, pod(2));
  await announcement[Symbol.asyncDispose]();
  await eventually("nobody is left", () => server.children(`${fixture.base}/users`).length === 0);
});

test("a member that somebody else deletes joins again, and only once", async () => {
  await using fixture = await openAnnouncer(server.connectString, { format: serversetEntries(0) });
  const announcement = fixture.announcer.announce(users, owner);
  await put(announcement, pod(1), pod(2));
  const place = `${fixture.base}/users`;
  const [first = ""] = server.children(place);
  server.remove(join(place, first));
  await eventually("it is back", () => server.children(place).length === 2, 10_000);
  assert.ok(!server.children(place).includes(first));
});

test("a node that goes with nobody's session is a conflict, and is left alone", async () => {
  await using fixture = await openAnnouncer(server.connectString);
  const path = `${fixture.base}/users/${nameOf(pod(1))}`;
  server.set(path, "theirs");
  const [outcome] = await put(fixture.announcer.announce(users, owner), pod(1));
  assert.equal(outcome?.tag, "conflict");
  assert.equal(server.get(path), "theirs");
});

test("an entry of a former session of the same member is taken over in one step", async () => {
  await using fixture = await openAnnouncer(server.connectString);
  const other = fixture.another();
  await put(other.announce(users, owner), pod(1));
  assert.deepEqual(await put(fixture.announcer.announce(users, owner), pod(1, { port: 9001 })), [{ tag: "done" }]);
  assert.match(server.get(`${fixture.base}/users/${nameOf(pod(1))}`) ?? "", /9001/);
  await other[Symbol.asyncDispose]();
});

test("a place that can be none refuses what is put, and says why", async () => {
  await using fixture = await openAnnouncer(server.connectString);
  const announcement = fixture.announcer.announce(Path.of(".."), owner);
  assert.match((await announcement.standing(signal())).refusal ?? "", /no node/);
  assert.equal((await put(announcement, pod(1)))[0]?.tag, "refused");
});
