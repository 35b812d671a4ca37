import assert from "node:assert/strict";
import { test } from "node:test";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FakeKubernetes } from "../../../fakes/kubernetes.ts";
import { NAMESPACE, reflectorLab, type ReflectorLab, slice } from "../../../fakes/kubernetes-reflector.ts";

/** A lab over a server with these addresses, each in a slice of its name, once it watches. */
async function watchingLab(server: FakeKubernetes, ...addresses: readonly string[]): Promise<ReflectorLab> {
  for (const address of addresses) server.put(slice(address, address));
  const lab = await reflectorLab({ server });
  await eventually("it watches", () => server.watches === 1 && server.asked.at(-1)?.endsWith("limit=1") === true);
  return lab;
}

const shown = (...addresses: readonly string[]): string => addresses.map((each) => `users ${each}`).join();

function untold(server: FakeKubernetes, change: () => void): void {
  server.delivery.losesEvents = true;
  change();
  server.delivery.losesEvents = false;
}

/** What is asked while it compares, as the queries of it. */
async function compared(lab: ReflectorLab): Promise<readonly [number | undefined, readonly URLSearchParams[]]> {
  const before = lab.server.asked.length;
  const repairs = await lab.reflector.resync();
  const asked = lab.server.asked.slice(before).filter((each) => !each.includes("watch="));
  return [repairs, asked.map((each) => new URL(each.replace("GET ", "http://api")).searchParams)];
}

test("where versions are the same, nothing is read but these, in pages", async () => {
  const server = await FakeKubernetes.start();
  await using lab = await watchingLab(server, ...Array.from({ length: 1_001 }, (_, n) => `10.1.${n >> 8}.${n & 255}`));
  const [repairs, asked] = await compared(lab);
  assert.equal(repairs, 0);
  assert.equal(asked.length, 3);
  assert.ok(asked.every((each) => each.get("limit") === "500" && !each.has("fieldSelector")));
  assert.equal(server.briefLists, 3);
});

test("of a few that differ each is read by itself, by its name, and no list of all", async () => {
  const server = await FakeKubernetes.start();
  await using lab = await watchingLab(server, "10.0.0.1", "10.0.0.2", "10.0.0.3");
  untold(server, () => {
    server.put(slice("10.0.0.1", "10.0.0.7"));
    server.remove(slice("10.0.0.2", ""));
    server.put(slice("10.0.0.8", "10.0.0.8"));
  });
  const [repairs, [, ...asked]] = await compared(lab);
  assert.equal(repairs, 3);
  assert.equal(lab.view, shown("10.0.0.3", "10.0.0.7", "10.0.0.8"));
  const fields = asked.map((each) => each.get("fieldSelector"));
  const wanted = ["1", "2", "8"].map((n) => `metadata.name=10.0.0.${n},metadata.namespace=${NAMESPACE}`);
  assert.deepEqual(fields.sort(), wanted);
  assert.ok(asked.every((each) => each.get("labelSelector") === "kubernetes.io/service-name"));
  assert.deepEqual(await compared(lab).then(([again]) => again), 0);
});

test("where many differ, all is read once", async () => {
  const server = await FakeKubernetes.start();
  const addresses = Array.from({ length: 17 }, (_, n) => `10.0.0.${n + 10}`);
  await using lab = await watchingLab(server, ...addresses);
  untold(server, () => {
    for (const each of addresses) server.put(slice(each, each.replace("10.0.0", "10.0.1")));
  });
  const [repairs, asked] = await compared(lab);
  assert.deepEqual([repairs, asked.length], [17, 2]);
  assert.equal(lab.view, shown(...addresses.map((each) => each.replace("10.0.0", "10.0.1"))));
});

for (const [metadata, lists] of [
  ["whole", 1],
  ["refused", 2],
] as const) {
  test(`a server by which metadata is ${metadata} is compared with all the same`, async () => {
    const server = await FakeKubernetes.start();
    await using lab = await watchingLab(server, "10.0.0.1", "10.0.0.2");
    server.metadata = metadata;
    const [none, asked] = await compared(lab);
    assert.deepEqual([none, asked.length], [0, lists]);
    untold(server, () => {
      server.put(slice("10.0.0.1", "10.0.0.7"));
      server.remove(slice("10.0.0.2", ""));
    });
    const [repairs] = await compared(lab);
    assert.equal(repairs, 2);
    assert.equal(lab.view, shown("10.0.0.7"));
    assert.deepEqual(
      lab.told.filter((each) => each.startsWith("repaired")),
      ["repaired 2"],
    );
  });
}

test("what is left out differs no more than what is kept, until it changes unseen", async () => {
  const server = await FakeKubernetes.start();
  server.put({ ...slice("bad", ""), endpoints: [{ addresses: "none" }] });
  server.put(slice("nobody", "10.0.0.9", ""));
  await using lab = await watchingLab(server, "10.0.0.1");
  const [none, asked] = await compared(lab);
  assert.deepEqual([none, asked.length], [0, 1]);
  untold(server, () => server.put({ ...slice("bad", ""), endpoints: [{ addresses: "still none" }] }));
  assert.deepEqual(await compared(lab).then(([repairs, { length }]) => [repairs, length]), [0, 2]);
  untold(server, () => server.put(slice("bad", "10.0.0.2")));
  assert.deepEqual(await compared(lab).then(([repairs, { length }]) => [repairs, length]), [1, 2]);
  assert.equal(lab.view, shown("10.0.0.1", "10.0.0.2"));
});

test("an object that was made anew under its name, unseen, is another one, whatever its version", async () => {
  const server = await FakeKubernetes.start();
  await using lab = await watchingLab(server, "10.0.0.1");
  const { metadata } = slice("10.0.0.1", "");
  server.history.pass(-1);
  untold(server, () => server.put({ ...slice("10.0.0.1", "10.0.0.2"), metadata: { ...metadata, uid: "another" } }));
  assert.equal(await compared(lab).then(([repairs]) => repairs), 1);
  assert.equal(lab.view, shown("10.0.0.2"));
});

test("what events tell while it is read in full is believed, and not what was read", async () => {
  const server = await FakeKubernetes.start();
  await using lab = await watchingLab(server, "10.0.0.1", "10.0.0.2");
  untold(server, () => server.put(slice("10.0.0.1", "10.0.0.7")));
  let lists = 0;
  server.spoil = (_, verb) => {
    if (verb === "list" && ++lists === 2) server.put(slice("10.0.0.1", "10.0.0.8"));
    return undefined;
  };
  await lab.reflector.resync();
  await eventually("the last of it", () => lab.view === shown("10.0.0.2", "10.0.0.8"));
  server.spoil = undefined;
  assert.equal(await compared(lab).then(([repairs]) => repairs), 0);
});

test("where what differs cannot be read, nothing changes and nothing is counted", async () => {
  const server = await FakeKubernetes.start();
  await using lab = await watchingLab(server, "10.0.0.1");
  untold(server, () => server.put(slice("10.0.0.1", "10.0.0.7")));
  let lists = 0;
  server.spoil = (_, verb) => (verb === "list" && ++lists === 2 ? { status: 500 } : undefined);
  assert.equal(await lab.reflector.resync(), undefined);
  assert.equal(lab.view, shown("10.0.0.1"));
  assert.deepEqual(
    lab.told.filter((each) => /repaired|failed/.test(each)),
    [],
  );
  server.spoil = undefined;
  assert.equal(await lab.reflector.resync(), 1);
});
