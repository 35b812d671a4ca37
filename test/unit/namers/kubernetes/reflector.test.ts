import assert from "node:assert/strict";
import { test } from "node:test";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { FakeKubernetes } from "../../../fakes/kubernetes.ts";
import { NAMESPACE, reflectorLab, type ReflectorLab, slice } from "../../../fakes/kubernetes-reflector.ts";

const sees = (lab: ReflectorLab, ...addresses: readonly string[]): Promise<boolean> =>
  eventually(`sees ${addresses.join()}`, () => lab.view === addresses.map((each) => `users ${each}`).join());

/** Whoever has heard that its watch is accepted asks how far the server has come. */
const watching = ({ server }: ReflectorLab): Promise<boolean> =>
  eventually("it watches", () => server.watches === 1 && server.asked.at(-1)?.endsWith("limit=1") === true);

/** What is asked for its version alone is no list. */
const lists = ({ server }: ReflectorLab): readonly string[] =>
  server.asked.filter((each) => !each.includes("watch=") && !each.endsWith("limit=1"));

const watches = ({ server }: ReflectorLab): readonly string[] =>
  server.asked.filter((each) => each.includes("watch=true"));

const failures = ({ told }: ReflectorLab): readonly string[] => told.filter((each) => each.startsWith("failed"));

/** Until the watch has lasted as long as it was asked for, with bookmarks. */
async function pastWatch(lab: ReflectorLab, clock: FakeClock): Promise<void> {
  const asked = lab.server.asked.find((each) => each.includes("watch=true")) ?? "";
  const timeoutSeconds = Number(new URL(asked.replace("GET ", "http://api")).searchParams.get("timeoutSeconds"));
  for (let seconds = 0; seconds < timeoutSeconds; seconds += 60) {
    lab.server.history.pass(50);
    lab.server.bookmark();
    await quietFor(10);
    await clock.advanceAsync(Math.min(60, timeoutSeconds - seconds) * 1_000);
  }
}

test("it lists, watches from there with bookmarks, and follows what is added, changed and deleted", async () => {
  await using lab = await reflectorLab();
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  lab.server.put(slice("b", "10.0.0.2"));
  lab.server.put(slice("a", "10.0.0.3"));
  await sees(lab, "10.0.0.2", "10.0.0.3");
  lab.server.remove(slice("b", ""));
  await sees(lab, "10.0.0.3");
  const watch = lab.server.asked.find((each) => each.includes("watch=true")) ?? "";
  const { pathname, searchParams } = new URL(watch.replace("GET ", "http://api"));
  assert.equal(pathname, `/apis/discovery.k8s.io/v1/namespaces/${NAMESPACE}/endpointslices`);
  assert.equal(searchParams.get("allowWatchBookmarks"), "true");
  assert.equal(searchParams.get("labelSelector"), "kubernetes.io/service-name");
  const seconds = Number(searchParams.get("timeoutSeconds"));
  assert.ok(seconds >= 300 && seconds <= 600);
  assert.equal(lists(lab).length, 1);
  assert.deepEqual(failures(lab), []);
});

test("a long list comes in pages, and begins anew when the server has forgotten where it was", async () => {
  const server = await FakeKubernetes.start();
  for (let n = 0; n < 1_200; n++) server.put(slice(`s-${n}`, `10.1.${n >> 8}.${n & 255}`));
  server.failNext({ status: 410, reason: "Expired", verb: "list" });
  await using lab = await reflectorLab({ server });
  await eventually("all are there", () => lab.view.split(",").length === 1_200);
  assert.equal(lists(lab).length, 4);
  assert.ok(lists(lab).every((each) => each.includes("limit=500") && !each.includes("resourceVersion")));
  assert.deepEqual(failures(lab), []);
});

test("a list that the server forgets each time is asked for without pages at last", async () => {
  const server = await FakeKubernetes.start();
  server.put(slice("a", "10.0.0.1"));
  for (let n = 0; n < 3; n++) server.failNext({ status: 410, reason: "Expired", verb: "list" });
  await using lab = await reflectorLab({ server });
  await sees(lab, "10.0.0.1");
  assert.equal(lists(lab).at(-1)?.includes("limit"), false);
});

test("a watch that ends in its time goes on from the last bookmark, without a list", async () => {
  const clock = new FakeClock();
  await using lab = await reflectorLab({ clock, times: { resyncMs: 3_600_000 } });
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  await quietFor(20);
  await pastWatch(lab, clock);
  lab.server.history.compact();
  lab.server.endWatches();
  lab.server.put(slice("b", "10.0.0.2"));
  await sees(lab, "10.0.0.1", "10.0.0.2");
  assert.equal(lists(lab).length, 1);
  assert.deepEqual(failures(lab), []);
  assert.ok(!lab.told.includes("expired"));
});

test("a watch that ends early is followed by a list, for its server may come back with another history", async () => {
  await using lab = await reflectorLab();
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  lab.server.endWatches();
  lab.server.history.wipe();
  lab.server.put(slice("b", "10.0.0.2"));
  await sees(lab, "10.0.0.2");
  assert.equal(lists(lab).length, 2);
  assert.deepEqual(failures(lab), []);
});

test("a version that is too old, told in a stream of 200, leads to a list with what was deleted meanwhile", async () => {
  await using lab = await reflectorLab();
  lab.server.put(slice("a", "10.0.0.1"));
  lab.server.put(slice("b", "10.0.0.2"));
  await sees(lab, "10.0.0.1", "10.0.0.2");
  await watching(lab);
  lab.server.errWatches({ status: 410, reason: "Expired" });
  lab.server.remove(slice("a", ""));
  lab.server.history.pass(5);
  lab.server.history.compact();
  await sees(lab, "10.0.0.2");
  assert.ok(lab.told.includes("expired"));
  assert.deepEqual(failures(lab), []);
});

test("so does 410 as the answer to a watch, and in the middle of one", async () => {
  await using lab = await reflectorLab();
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  lab.server.failNext({ status: 410, reason: "Gone", verb: "watch" });
  lab.server.cutWatches();
  await eventually("expired", () => lab.told.filter((each) => each === "expired").length === 1);
  await watching(lab);
  lab.server.errWatches({ status: 410, reason: "Expired" });
  await eventually("expired again", () => lab.told.filter((each) => each === "expired").length === 2);
  lab.server.put(slice("b", "10.0.0.2"));
  await sees(lab, "10.0.0.1", "10.0.0.2");
  assert.deepEqual(failures(lab), []);
});

for (const [how, trouble] of [
  ["is cut", (server: FakeKubernetes) => server.cutWatches()],
  ["tells an error of the server", (server: FakeKubernetes) => server.errWatches({ status: 500 })],
  ["tells what is no event", (server: FakeKubernetes) => server.writeRaw("{nonsense\n")],
  ["tells an event without an object", (server: FakeKubernetes) => server.writeRaw('{"type":"ADDED"}\n')],
  ["ends within an event", (server: FakeKubernetes) => (server.writeRaw('{"type":'), server.endWatches())],
] as const) {
  test(`a watch that ${how} is followed by a list, and that is no failure`, async () => {
    await using lab = await reflectorLab();
    lab.server.put(slice("a", "10.0.0.1"));
    await sees(lab, "10.0.0.1");
    await watching(lab);
    trouble(lab.server);
    lab.server.put(slice("b", "10.0.0.2"));
    lab.server.remove(slice("a", ""));
    await sees(lab, "10.0.0.2");
    await eventually("a second list", () => lists(lab).length >= 2);
    assert.deepEqual(failures(lab), []);
  });
}

for (const status of [401, 403, 500, 503]) {
  test(`an answer of ${status} changes nothing, says why, and is asked again`, async () => {
    await using lab = await reflectorLab();
    lab.server.put(slice("a", "10.0.0.1"));
    await sees(lab, "10.0.0.1");
    await watching(lab);
    lab.server.refusal = { status, message: "because of a test" };
    lab.server.cutWatches();
    lab.server.remove(slice("a", ""));
    await eventually("it failed", () => failures(lab).length >= 2);
    assert.match(failures(lab)[0] ?? "", new RegExp(`127.0.0.1.*EndpointSlices of shop.*${status}.*because of a test`));
    assert.equal(lab.view, "users 10.0.0.1");
    lab.server.refusal = undefined;
    await eventually("it is well and empty", () => lab.view === "" && lab.told.includes("well"));
  });
}

test("whoever is told to come back later does", async () => {
  const clock = new FakeClock();
  const server = await FakeKubernetes.start();
  server.failNext({ status: 429, reason: "TooManyRequests", retryAfterSeconds: 7 });
  server.put(slice("a", "10.0.0.1"));
  await using lab = await reflectorLab({ server, clock });
  await eventually("refused", () => failures(lab).length === 1);
  await eventually("it waits", () => clock.nextIn !== undefined && clock.nextIn > 6_000);
  await clock.advanceAsync(6_500);
  assert.equal(lists(lab).length, 1);
  await clock.advanceAsync(1_000);
  await sees(lab, "10.0.0.1");
});

test("a list without a watch makes nothing well", async () => {
  await using lab = await reflectorLab();
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  lab.server.refusal = { status: 403, verb: "watch" };
  lab.server.cutWatches();
  lab.server.put(slice("a", "10.0.0.2"));
  await sees(lab, "10.0.0.2");
  await eventually("refused twice", () => failures(lab).length >= 2);
  assert.equal(lab.told.slice(lab.told.indexOf(failures(lab)[0] ?? "")).includes("well"), false);
  lab.server.refusal = undefined;
  await eventually("well again", () => lab.told.lastIndexOf("well") > lab.told.lastIndexOf(failures(lab).at(-1) ?? ""));
});

test("events are read however their bytes were cut or gathered, twice told and a megabyte long", async () => {
  await using lab = await reflectorLab();
  await watching(lab);
  lab.server.delivery.pieceBytes = 7;
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  Object.assign(lab.server.delivery, { pieceBytes: undefined, joinsEvents: true, repeatsEvents: true });
  for (let n = 0; n < 50; n++) lab.server.put(slice("a", `10.0.1.${n}`));
  await sees(lab, "10.0.1.49");
  const large = sliceLike("large", "10.0.0.9", "x".repeat(1_400_000));
  lab.server.put(large);
  await sees(lab, "10.0.0.9", "10.0.1.49");
  assert.equal(lists(lab).length, 1);
});

const sliceLike = (name: string, address: string, note: string) => {
  const made = slice(name, address);
  return { ...made, metadata: { ...made.metadata, annotations: { note } } };
};

test("a watch that is silent for longer than bookmarks come apart is given up", async () => {
  const clock = new FakeClock();
  await using lab = await reflectorLab({ clock });
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  await quietFor(20);
  lab.server.muteWatches();
  lab.server.put(slice("b", "10.0.0.2"));
  await clock.advanceAsync(80_000);
  assert.equal(lab.view, "users 10.0.0.1");
  await clock.advanceAsync(11_000);
  await eventually("it goes on", async () => {
    await clock.advanceAsync(200);
    return lab.view === "users 10.0.0.1,users 10.0.0.2";
  });
});

test("where nobody can ask whether the server is there, a watch that does not end in its time is given up within 8 s", async () => {
  const clock = new FakeClock();
  await using lab = await reflectorLab({ clock, isProbed: false });
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  await quietFor(20);
  lab.server.muteWatches();
  lab.server.put(slice("b", "10.0.0.2"));
  await clock.advanceAsync(8_000);
  await eventually("it goes on", async () => {
    await clock.advanceAsync(20);
    return lab.view === "users 10.0.0.1,users 10.0.0.2";
  });
});

test("short watches follow each other without a list, and without a look at the server's version each time", async () => {
  const clock = new FakeClock();
  await using lab = await reflectorLab({ clock, isProbed: false, times: { resyncMs: 3_600_000 } });
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  for (let round = 0; round < 5; round++) {
    lab.server.history.pass(50);
    lab.server.bookmark();
    await quietFor(10);
    await clock.advanceAsync(6_000);
    lab.server.endWatches();
    await eventually("the next one watches", () => lab.server.watches === 1 && watches(lab).length === round + 2);
  }
  lab.server.put(slice("b", "10.0.0.2"));
  await sees(lab, "10.0.0.1", "10.0.0.2");
  const version = Number(
    new URL((watches(lab).at(-1) ?? "").replace("GET ", "http://api")).searchParams.get("resourceVersion"),
  );
  assert.ok(version >= 250);
  assert.equal(lists(lab).length, 1);
  assert.equal(lab.server.asked.filter((each) => each.endsWith("limit=1")).length, 1);
  assert.deepEqual(failures(lab), []);
});

test("an event that trickles for too long is as good as a silent watch", async () => {
  const clock = new FakeClock();
  await using lab = await reflectorLab({ clock });
  await watching(lab);
  await quietFor(20);
  for (let n = 0; n < 5; n++) {
    lab.server.writeRaw("{");
    await quietFor(10);
    await clock.advanceAsync(7_000);
  }
  await eventually("it lists again", async () => {
    await clock.advanceAsync(200);
    return lists(lab).length === 2;
  });
});

test("a re-list beside the watch sets right what no event told, counts it, and is silent where nothing differs", async () => {
  await using lab = await reflectorLab();
  for (const [name, address] of [
    ["a", "10.0.0.1"],
    ["b", "10.0.0.2"],
  ] as const) {
    lab.server.put(slice(name, address));
  }
  await sees(lab, "10.0.0.1", "10.0.0.2");
  await watching(lab);
  assert.equal(await lab.reflector.resync(), 0);
  lab.server.delivery.losesEvents = true;
  lab.server.put(slice("a", "10.0.0.5"));
  lab.server.remove(slice("b", ""));
  lab.server.put(slice("c", "10.0.0.6"));
  lab.server.delivery.losesEvents = false;
  assert.equal(await lab.reflector.resync(), 3);
  assert.equal(lab.view, "users 10.0.0.5,users 10.0.0.6");
  assert.deepEqual(
    lab.told.filter((each) => each.startsWith("repaired")),
    ["repaired 3"],
  );
  assert.equal(await lab.reflector.resync(), 0);
});

test("what changes while it is compared is no divergence", async () => {
  await using lab = await reflectorLab({ times: { graceMs: 300 } });
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  const compared = lab.reflector.resync();
  await eventually("a second list", () => lists(lab).length === 2);
  lab.server.put(slice("a", "10.0.0.2"));
  lab.server.put(slice("b", "10.0.0.3"));
  lab.server.remove(slice("b", ""));
  assert.equal(await compared, 0);
  assert.equal(lab.view, "users 10.0.0.2");
});

test("the re-list comes by itself, about every five minutes", async () => {
  const clock = new FakeClock();
  await using lab = await reflectorLab({ clock });
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  lab.server.delivery.losesEvents = true;
  lab.server.put(slice("a", "10.0.0.7"));
  lab.server.delivery.losesEvents = false;
  for (let seconds = 0; seconds < 240; seconds += 30) {
    lab.server.bookmark();
    await quietFor(10);
    await clock.advanceAsync(30_000);
  }
  await eventually("repaired", async () => {
    lab.server.bookmark();
    await quietFor(10);
    await clock.advanceAsync(5_000);
    return lab.told.includes("repaired 1");
  });
  assert.equal(lab.view, "users 10.0.0.7");
});

test("an API server that was set up anew, with smaller versions, is believed", async () => {
  await using lab = await reflectorLab();
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  await lab.server.down();
  lab.server.history.wipe();
  lab.server.put(slice("b", "10.0.0.2"));
  await lab.server.up();
  await sees(lab, "10.0.0.2");
  lab.server.put(slice("c", "10.0.0.3"));
  await sees(lab, "10.0.0.2", "10.0.0.3");
});

test("an API server that was set up anew between two watches is listed again", async () => {
  const clock = new FakeClock();
  await using lab = await reflectorLab({ clock, times: { resyncMs: 3_600_000 } });
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  await quietFor(20);
  await pastWatch(lab, clock);
  lab.server.endWatches();
  lab.server.history.wipe();
  lab.server.put(slice("b", "10.0.0.2"));
  await eventually("the new history is seen", async () => {
    await clock.advanceAsync(100);
    return lab.view === "users 10.0.0.2";
  });
  assert.ok(lab.told.includes("expired"));
});

test("of an object that was made anew under its name, the end of the old one takes nothing away", async () => {
  await using lab = await reflectorLab();
  await watching(lab);
  const old = { ...slice("a", "10.0.0.1"), metadata: { ...slice("a", "").metadata, uid: "old", resourceVersion: "1" } };
  lab.server.put({ ...slice("a", "10.0.0.2"), metadata: { ...slice("a", "").metadata, uid: "new" } });
  await sees(lab, "10.0.0.2");
  lab.server.writeRaw(`${JSON.stringify({ type: "DELETED", object: old })}\n`);
  lab.server.put(slice("b", "10.0.0.3"));
  await sees(lab, "10.0.0.2", "10.0.0.3");
});

test("an object that cannot be read is left out alone, and told", async () => {
  await using lab = await reflectorLab();
  lab.server.put({ ...slice("bad", ""), endpoints: [{ addresses: "none" }] });
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  assert.ok(lab.told.includes(`unreadable ${NAMESPACE}/bad`));
});

test("where the API server has no EndpointSlices, Endpoints are followed, until it has", async () => {
  const server = await FakeKubernetes.start();
  server.hasSlices = false;
  const subsets = [{ addresses: [{ ip: "10.0.0.8" }], ports: [{ name: "http", port: 80 }] }];
  server.put({ apiVersion: "v1", kind: "Endpoints", metadata: { name: "users", namespace: NAMESPACE }, subsets });
  await using lab = await reflectorLab({ server });
  await sees(lab, "10.0.0.8");
  await watching(lab);
  server.hasSlices = true;
  server.put(slice("a", "10.0.0.1"));
  await lab.reflector.resync();
  await sees(lab, "10.0.0.1");
  assert.deepEqual(failures(lab), []);
});

test("a list that was cut off, and one that is none, is no list", async () => {
  await using lab = await reflectorLab();
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  lab.server.cutsListsAfter = 100;
  lab.server.cutWatches();
  await eventually("it failed", () => failures(lab).length >= 1);
  assert.equal(lab.view, "users 10.0.0.1");
  lab.server.cutsListsAfter = undefined;
  await eventually("well", () => lab.told.at(-1) === "well");
});

test("after its end it holds no connection and no timer", async () => {
  const clock = new CountingClock();
  await using lab = await reflectorLab({ clock });
  lab.server.put(slice("a", "10.0.0.1"));
  await sees(lab, "10.0.0.1");
  await watching(lab);
  const compared = lab.reflector.resync();
  lab.reflector[Symbol.dispose]();
  assert.equal(await compared, undefined);
  await eventually("no watch", () => lab.server.watches === 0);
  await eventually("no timer", () => clock.waiting === 0);
});
