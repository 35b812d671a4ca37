/** What mirrors of nodes do after a gap: they read everything once, spread and bounded, and doubt what is missing. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { InFlight } from "../../namers/zookeeper/in-flight.ts";
import { namesOnly } from "../../namers/zookeeper/node-kind.ts";
import { NodeMirror } from "../../namers/zookeeper/node-mirror.ts";
import { Op } from "../../namers/zookeeper/records.ts";
import { RelistSpread } from "../../namers/zookeeper/relist-spread.ts";
import { WatchSupport } from "../../namers/zookeeper/watch-support.ts";
import { eventually, quietFor } from "../../src/testing/eventually.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { openClient, type TestClient } from "../fakes/zookeeper-client.ts";

const NO_NODE = -101;

/** Mirrors on one client, as the namers keep them. */
class Mirrors implements Disposable {
  readonly reads = new CountedReads(64);
  readonly heard = new Map<string, string>();
  readonly #spread = new RelistSpread(seededRandom(5));
  readonly #open: NodeMirror<unknown>[] = [];
  readonly #opened: TestClient;
  readonly #support: WatchSupport;

  constructor(opened: TestClient, persistent = true) {
    this.#opened = opened;
    this.#support = new WatchSupport(persistent ? undefined : false);
  }

  follow(path: string): void {
    const { client, clock } = this.#opened;
    const world = {
      client,
      reads: this.reads,
      spread: this.#spread,
      support: this.#support,
      clock,
      random: seededRandom(this.#open.length),
      troubleIn: () => undefined,
    };
    const mirror = new NodeMirror({ path, kind: { ...namesOnly, withData: true }, world });
    mirror.join({
      heard: (children) => void this.heard.set(path, children ? [...children.keys()].sort().join() : "none"),
      failed: () => undefined,
    });
    this.#open.push(mirror);
  }

  [Symbol.dispose](): void {
    for (const mirror of this.#open) mirror[Symbol.dispose]();
  }
}

class CountedReads extends InFlight {
  most = 0;
  #running = 0;

  override run<T>(work: () => Promise<T>, isUrgent?: boolean): Promise<T> {
    return super.run(async () => {
      this.most = Math.max(this.most, ++this.#running);
      try {
        return await work();
      } finally {
        this.#running--;
      }
    }, isUrgent);
  }
}

/** The most of `times` that fall into any `windowMs`. */
function densest(times: readonly number[], windowMs: number): number {
  const sorted = [...times].sort((a, b) => a - b);
  return Math.max(0, ...sorted.map((from, at) => sorted.filter((each, n) => n >= at && each < from + windowMs).length));
}

for (const persistent of [true, false]) {
  const how = persistent ? "one recursive watch each" : "watches of one time";
  test(`2,000 nodes followed with ${how} are read again once after a cut, spread over a second`, async () => {
    await using server = await FakeZooKeeper.start();
    for (let at = 0; at < 2_000; at++) server.set(`/services/s-${at}/i-1`, "x");
    await using opened = openClient(server.connectString, { sessionTimeoutMs: 10_000 });
    using mirrors = new Mirrors(opened, persistent);
    for (let at = 0; at < 2_000; at++) mirrors.follow(`/services/s-${at}`);
    await eventually("all are read", () => mirrors.heard.size === 2_000, 20_000);
    assert.ok(mirrors.reads.most <= 64);
    const before = server.requests.length;
    const { watches } = server;
    server.set("/services/s-7/i-2");
    await eventually("an event is heard", () => mirrors.heard.get("/services/s-7") === "i-1,i-2");
    server.cut();
    server.set("/services/s-1999/i-2");
    await eventually("what was missed is heard", () => mirrors.heard.get("/services/s-1999") === "i-1,i-2", 5_000);
    await quietFor(1_500);
    const lists = server.requests.slice(before).filter((each) => each.op === Op.getChildren2);
    assert.ok(lists.length >= 2_000 && lists.length <= 2_010, `${lists.length} lists`);
    const times = lists.map((each) => each.at);
    const most = densest(times, 100);
    assert.ok(most < 1_000, `${most} lists within 100 ms`);
    assert.ok(mirrors.reads.most <= 64, `${mirrors.reads.most} reads at once`);
    assert.ok(server.watches >= watches && server.watches <= watches + 4);
    assert.equal(server.sessions.length, 1);
  });
}

test("a hundred nodes of an old server are followed at once, at the cost of one connection and no trouble", async () => {
  await using server = await FakeZooKeeper.start();
  server.unsupported.add(Op.addWatch).add(Op.removeWatches);
  for (let at = 0; at < 100; at++) server.set(`/services/s-${at}/i-1`, "x");
  await using opened = openClient(server.connectString);
  {
    using mirrors = new Mirrors(opened);
    for (let at = 0; at < 100; at++) mirrors.follow(`/services/s-${at}`);
    await eventually("all are read", () => mirrors.heard.size === 100, 1_000);
  }
  await opened.client.sync("/");
  assert.equal(server.accepted, 2);
  assert.equal(server.requests.filter((each) => each.op === Op.addWatch).length, 1);
  assert.deepEqual(new Set(opened.states.map((state) => state.tag)), new Set(["idle", "connecting", "connected"]));
});

test("a node that is asked for while thousands are read again waits for none of them", async () => {
  await using server = await FakeZooKeeper.start();
  for (let at = 0; at < 2_000; at++) server.set(`/services/s-${at}/i-1`, "x");
  await using opened = openClient(server.connectString, { sessionTimeoutMs: 10_000 });
  using mirrors = new Mirrors(opened);
  for (let at = 0; at < 2_000; at++) if (at !== 1_000) mirrors.follow(`/services/s-${at}`);
  await eventually("all are read", () => mirrors.heard.size === 1_999, 20_000);
  server.cut();
  await opened.reach("suspended");
  await opened.connected();
  const begun = performance.now();
  mirrors.follow("/services/s-1000");
  await eventually("read", () => mirrors.heard.has("/services/s-1000"));
  assert.ok(performance.now() - begun < 500);
});

test("300 hosts that lost one server find it again within a second and a half, and not all at once", async () => {
  await using server = await FakeZooKeeper.start();
  await using clients = new AsyncDisposableStack();
  const opened = Array.from({ length: 300 }, (_, seed) =>
    clients.use(openClient(server.connectString, { sessionTimeoutMs: 10_000 }, { random: seededRandom(seed) })),
  );
  for (const each of opened) await each.connected();
  await server.down();
  await quietFor(2_500);
  const before = server.accepted;
  await server.up();
  const begun = performance.now();
  for (const each of opened) await each.connected();
  assert.ok(performance.now() - begun < 1_500, `${performance.now() - begun} ms`);
  const most = densest(server.arrivals.slice(before), 100);
  assert.ok(most < 120, `${most} within 100 ms`);
});

test("a node that a server is only loading is found a moment later, though nobody tells of it", async () => {
  await using server = await FakeZooKeeper.start();
  server.set("/services/users/i-1", "x");
  for (const op of [Op.getChildren2, Op.exists]) server.failing.set(op, NO_NODE);
  await using opened = openClient(server.connectString);
  using mirrors = new Mirrors(opened);
  mirrors.follow("/services/users");
  await eventually("absent", () => mirrors.heard.get("/services/users") === "none");
  assert.ok(server.requests.some((each) => each.op === Op.sync));
  server.failing.clear();
  const begun = performance.now();
  await eventually("found", () => mirrors.heard.get("/services/users") === "i-1");
  assert.ok(performance.now() - begun < 1_000);
});

test("a service that a restarted server shows only in part is read again, and a loss that stays is believed", async () => {
  await using server = await FakeZooKeeper.start();
  for (const id of ["i-1", "i-2"]) server.set(`/services/users/${id}`, "x");
  await using opened = openClient(server.connectString);
  using mirrors = new Mirrors(opened);
  mirrors.follow("/services/users");
  await eventually("read", () => mirrors.heard.get("/services/users") === "i-1,i-2");
  server.failing.set(Op.getData, NO_NODE);
  server.cut();
  await eventually("lost", () => mirrors.heard.get("/services/users") === "");
  server.failing.clear();
  await eventually("found", () => mirrors.heard.get("/services/users") === "i-1,i-2", 2_000);
  const lists = (): number => server.requests.filter((each) => each.op === Op.getChildren2).length;
  server.remove("/services/users/i-2");
  await eventually("believed", () => mirrors.heard.get("/services/users") === "i-1");
  await quietFor(2_500);
  const before = lists();
  await quietFor(1_000);
  assert.equal(lists(), before);
});
