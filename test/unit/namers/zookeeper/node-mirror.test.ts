import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { ZkClient } from "../../../../namers/zookeeper/client.ts";
import { FreshReader } from "../../../../namers/zookeeper/fresh-reader.ts";
import { InFlight } from "../../../../namers/zookeeper/in-flight.ts";
import { namesOnly, type NodeChildren, type NodeKind } from "../../../../namers/zookeeper/node-kind.ts";
import { NodeMirror } from "../../../../namers/zookeeper/node-mirror.ts";
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

/** Keeps the text of each child. */
const texts: NodeKind<string> = {
  withData: true,
  read: (bytes) => Buffer.from(bytes).toString(),
  isSame: (a, b) => a === b,
};

const show = (children: NodeChildren<unknown> | undefined): string =>
  children
    ? [...children]
        .map(([name, text]) => `${name}=${String(text)}`)
        .sort()
        .join()
    : "none";

function mirrorOf<T>(path: string, kind: NodeKind<T>, more: { readonly persistent?: boolean } = {}) {
  const heard: string[] = [];
  const maps: (NodeChildren<T> | undefined)[] = [];
  const causes: Error[] = [];
  const { clock, random } = testContext();
  const world = {
    client,
    reads: new InFlight(8),
    spread: new RelistSpread(random),
    support: new WatchSupport(more.persistent === false ? false : undefined),
    clock,
    random,
    troubleIn: () => undefined,
  };
  const mirror = new NodeMirror({ path, kind, world });
  mirror.join({
    heard(children) {
      maps.push(children);
      heard.push(show(children));
    },
    failed: (cause) => void causes.push(cause),
  });
  const until = (wanted: string): Promise<boolean> => eventually(wanted, () => heard.at(-1) === wanted);
  return { heard, maps, causes, until, [Symbol.dispose]: () => mirror[Symbol.dispose]() };
}

const newPath = (): string => `/mirror-${nodes++}`;
const data = (text: string): Buffer => Buffer.from(text);

for (const persistent of [true, false]) {
  const how = persistent ? "one recursive watch" : "watches of one time";
  test(`a node that is not there is none, and is followed with ${how} when it comes, goes and comes back`, async () => {
    const path = newPath();
    using mirror = mirrorOf(path, texts, { persistent });
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
    using mirror = mirrorOf(path, texts, { persistent });
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
    using mirror = mirrorOf(path, texts, { persistent });
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
  using mirror = mirrorOf(path, texts);
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
  using mirror = mirrorOf(path, texts);
  await mirror.until("a=1");
  const other = newClient();
  server.cut();
  other.start();
  await other.setData(`${path}/a`, data("2"));
  await mirror.until("a=2");
  await other.close();
});

test("what is read again and is the same stays the object that it was", async () => {
  const path = newPath();
  await client.create(path, data(""));
  for (const name of ["a", "b"]) await client.create(`${path}/${name}`, data("1"));
  const objects: NodeKind<{ readonly text: string }> = {
    withData: true,
    read: (bytes) => ({ text: Buffer.from(bytes).toString() }),
    isSame: (a, b) => a.text === b.text,
  };
  using mirror = mirrorOf(path, objects);
  await eventually("both are read", () => mirror.maps.at(-1)?.size === 2);
  const [first] = mirror.maps;
  server.cut();
  await eventually("read again", () => mirror.maps.length === 2);
  assert.equal(mirror.maps[1], first);
  await client.setData(`${path}/a`, data("2"));
  await eventually("changed", () => mirror.maps.at(-1)?.get("a")?.text === "2");
  assert.equal(first?.get("a")?.text, "1");
  assert.equal(mirror.maps.at(-1)?.get("b"), first?.get("b"));
});

test("a mirror of names alone reads no child", async () => {
  const path = newPath();
  await client.create(path, data(""));
  await client.create(`${path}/a`, data("secret"));
  const reads = (): number => server.requests.filter((request) => request.op === Op.getData).length;
  const before = reads();
  using mirror = mirrorOf(path, namesOnly, { persistent: false });
  await mirror.until("a=true");
  await client.create(`${path}/b`, data(""));
  await mirror.until("a=true,b=true");
  assert.equal(reads(), before);
});

test("a mirror that is disposed hears nothing more", async () => {
  const path = newPath();
  await client.create(path, data(""));
  const mirror = mirrorOf(path, texts);
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
  const [found, missing] = await Promise.all([reader.read(path, texts), reader.read("/not-there", texts)]);
  assert.equal(show(found), "a=1");
  assert.equal(missing, undefined);
  assert.equal(server.accepted, accepted + 1);
  const sync = server.requests.findLast((request) => request.op === Op.sync);
  const asked = (): number[] =>
    server.requests.filter((request) => request.sessionId === sync?.sessionId).map((request) => request.op);
  assert.equal(asked()[0], Op.sync);
  await eventually("closed", () => asked().includes(Op.closeSession));
});
