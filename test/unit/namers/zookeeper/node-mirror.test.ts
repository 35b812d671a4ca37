import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ZkClient } from "../../../../namers/zookeeper/client.ts";
import { FreshReader } from "../../../../namers/zookeeper/fresh-reader.ts";
import { InFlight } from "../../../../namers/zookeeper/in-flight.ts";
import { type NodeChildren, NodeMirror } from "../../../../namers/zookeeper/node-mirror.ts";
import { Op } from "../../../../namers/zookeeper/records.ts";
import { RelistSpread } from "../../../../namers/zookeeper/relist-spread.ts";
import { WatchSupport } from "../../../../namers/zookeeper/watch-support.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeZooKeeper } from "../../../fakes/zookeeper.ts";

let server: FakeZooKeeper;
let client: ZkClient;
let nodes = 0;

before(async () => {
  server = await FakeZooKeeper.start();
  client = newClient();
  client.start();
});
after(async () => {
  await client.close();
  await server[Symbol.asyncDispose]();
});

const newClient = (): ZkClient =>
  new ZkClient({ connectString: server.connectString, sessionTimeoutMs: 5_000 }, testContext());

const show = (children: NodeChildren | undefined): string =>
  children
    ? [...children]
        .map(([name, data]) => `${name}=${Buffer.from(data).toString()}`)
        .sort()
        .join()
    : "none";

function mirrorOf(path: string, more: { readonly withData?: boolean; readonly persistent?: boolean } = {}) {
  const heard: string[] = [];
  const causes: Error[] = [];
  const { clock, random } = testContext();
  const mirror = new NodeMirror({
    client,
    path,
    reads: new InFlight(8),
    spread: new RelistSpread(random),
    support: new WatchSupport(more.persistent === false ? false : undefined),
    withData: more.withData ?? true,
    clock,
    random,
    heard: (children) => void heard.push(show(children)),
    failed: (cause) => void causes.push(cause),
  });
  const until = (wanted: string): Promise<boolean> => eventually(wanted, () => heard.at(-1) === wanted);
  return { heard, causes, until, [Symbol.dispose]: () => mirror[Symbol.dispose]() };
}

const newPath = (): string => `/mirror-${nodes++}`;
const data = (text: string): Buffer => Buffer.from(text);

for (const persistent of [true, false]) {
  const how = persistent ? "one recursive watch" : "watches of one time";
  test(`a node that is not there is none, and is followed with ${how} when it comes, goes and comes back`, async () => {
    const path = newPath();
    using mirror = mirrorOf(path, { persistent });
    await mirror.until("none");
    for (const n of [1, 2]) {
      await client.create(path, data(""));
      await client.create(`${path}/a`, data(`${n}`));
      await mirror.until(`a=${n}`);
      await client.delete(`${path}/a`);
      await client.delete(path);
      await mirror.until("none");
    }
  });

  test(`a child that is changed, deleted and made again is followed with ${how}`, async () => {
    const path = newPath();
    await client.create(path, data(""));
    using mirror = mirrorOf(path, { persistent });
    await mirror.until("");
    await client.create(`${path}/a`, data("1"));
    await client.create(`${path}/b`, data("1"));
    await mirror.until("a=1,b=1");
    for (const n of [2, 3]) {
      await client.setData(`${path}/a`, data(`${n}`));
      await mirror.until(`a=${n},b=1`);
    }
    await client.delete(`${path}/b`);
    await client.create(`${path}/b`, data("9"));
    await mirror.until("a=3,b=9");
  });

  test(`a flood is at most some ten passes a second with ${how}, and ends with the truth`, async () => {
    const path = newPath();
    await client.create(path, data(""));
    await client.create(`${path}/a`, data("0"));
    using mirror = mirrorOf(path, { persistent });
    await mirror.until("a=0");
    const startedAt = performance.now();
    for (let n = 1; n <= 300; n++) await client.setData(`${path}/a`, data(`${n}`));
    await mirror.until("a=300");
    const seconds = (performance.now() - startedAt) / 1000;
    assert.ok(mirror.heard.length <= 3 + seconds * 11, `${mirror.heard.length} in ${seconds} s`);
  });
}

test("an event reads only the child that it is about", async () => {
  const path = newPath();
  await client.create(path, data(""));
  for (let n = 0; n < 10; n++) await client.create(`${path}/c-${n}`, data("0"));
  using mirror = mirrorOf(path);
  await eventually("all are read", () => mirror.heard.length === 1);
  const reads = (): number => server.requests.filter((request) => request.op === Op.getData).length;
  const before = reads();
  await client.setData(`${path}/c-3`, data("1"));
  await eventually("heard", () => mirror.heard.at(-1)?.includes("c-3=1"));
  assert.equal(reads() - before, 1);
});

test("what changed while the connection was lost is read again", async () => {
  const path = newPath();
  await client.create(path, data(""));
  await client.create(`${path}/a`, data("1"));
  using mirror = mirrorOf(path);
  await mirror.until("a=1");
  const other = newClient();
  server.cut();
  other.start();
  await other.setData(`${path}/a`, data("2"));
  await mirror.until("a=2");
  await other.close();
});

test("a mirror of names alone reads no child", async () => {
  const path = newPath();
  await client.create(path, data(""));
  await client.create(`${path}/a`, data("secret"));
  const reads = (): number => server.requests.filter((request) => request.op === Op.getData).length;
  const before = reads();
  using mirror = mirrorOf(path, { withData: false, persistent: false });
  await mirror.until("a=");
  await client.create(`${path}/b`, data(""));
  await mirror.until("a=,b=");
  assert.equal(reads(), before);
});

test("a mirror that is disposed hears nothing more", async () => {
  const path = newPath();
  await client.create(path, data(""));
  const mirror = mirrorOf(path);
  await mirror.until("");
  mirror[Symbol.dispose]();
  await client.create(`${path}/a`, data(""));
  await quietFor(150);
  assert.deepEqual(mirror.heard, [""]);
});

test("a fresh reader asks on a connection of its own, after a sync, and leaves none behind", async () => {
  const path = newPath();
  await client.create(path, data(""));
  await client.create(`${path}/a`, data("1"));
  await using reader = new FreshReader(newClient, new InFlight(8));
  const accepted = server.accepted;
  const [found, missing] = await Promise.all([reader.read(path), reader.read("/not-there")]);
  assert.equal(show(found), "a=1");
  assert.equal(missing, undefined);
  assert.equal(server.accepted, accepted + 1);
  const sync = server.requests.findLast((request) => request.op === Op.sync);
  const asked = (): number[] =>
    server.requests.filter((request) => request.sessionId === sync?.sessionId).map((request) => request.op);
  assert.equal(asked()[0], Op.sync);
  await eventually("closed", () => asked().includes(Op.closeSession));
});
