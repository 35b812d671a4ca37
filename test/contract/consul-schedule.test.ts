/** Two thousand names of one agent: few connections, the names asked for last are watched, and no change waits for long. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Path } from "../../src/naming/path.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../src/testing/eventually.ts";
import { FollowedName } from "../../src/testing/followed-var.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { isFastSet } from "../fakes/fast-set.ts";
import { FakeConsul } from "../fakes/consul.ts";
import { consulFixture } from "../fakes/consul-fixture.ts";

const NAMES = 2_000;
const OFF = { holdMs: 0, nameShare: 0.5, sourceShare: 0.2 };

function register(fake: FakeConsul, n: number, port: number): void {
  const service = { ID: "i", Service: `s-${n}`, Address: "127.0.0.1", Port: port };
  fake.catalogue.write([{ Node: `n-${n}`, Address: "127.0.0.1", Service: service }]);
}

async function isQuiet(fake: FakeConsul): Promise<boolean> {
  const asked = fake.asked.length;
  await quietFor(1_100);
  return fake.asked.length - asked < 20;
}

const limits = { timeout: 120_000, skip: isFastSet };

test("two thousand names are kept current over fewer than 190 connections", limits, async () => {
  await using fake = await FakeConsul.start();
  for (let n = 0; n < NAMES; n++) register(fake, n, 8_000 + n);
  const given = { guard: OFF, clock: new CountingClock(), log: new RecordingLog(), down: false };
  await using fixture = await consulFixture(fake.port, given);
  const all = Array.from({ length: NAMES }, (_, n) => new FollowedName(fixture.namer.lookup(Path.of("dc1", `s-${n}`))));
  const port = (n: number): number | undefined => all[n]?.addresses?.value?.addresses[0]?.port;
  await eventually("all are bound", () => all.every((_, n) => port(n) === 8_000 + n), 30_000);
  await eventually("the slots are used", () => fake.waiting > 140);
  for (const n of [0, 144, 145, 999, 1_999]) {
    await eventually("no sweep is under way", () => isQuiet(fake), 30_000);
    const asked = fake.asked.length;
    register(fake, n, 30_000 + n);
    await eventually(`${n} has moved`, () => port(n) === 30_000 + n, 10_000);
    // How long that takes is the machine's matter; that one sweep finds it is not.
    const questions = fake.asked.length - asked;
    assert.ok(questions < NAMES, `${questions} questions until ${n} had moved`);
  }
  for (let n = 0; n < NAMES; n++) register(fake, n, 40_000 + (n % 1_000));
  const asked = fake.asked.length;
  await eventually("all have moved", () => all.every((_, n) => port(n) === 40_000 + (n % 1_000)), 20_000);
  assert.ok(fake.asked.length - asked < 2.5 * NAMES, `${fake.asked.length - asked} questions until all had moved`);
  assert.ok(fake.mostSeen < 190, `${fake.mostSeen} connections`);
  all.forEach((each) => each[Symbol.dispose]());
  assert.deepEqual(fixture.namer.watches?.(), []);
});

test("a check that turns critical is noticed of names that are swept", { timeout: 60_000 }, async () => {
  await using fake = await FakeConsul.start();
  for (let n = 0; n < 20; n++) register(fake, n, 8_000 + n);
  const given = { guard: OFF, clock: new CountingClock(), log: new RecordingLog(), down: false };
  await using fixture = await consulFixture(fake.port, given, {}, {}, { watches: 1, waitMs: 2_000 });
  const all = Array.from({ length: 20 }, (_, n) => new FollowedName(fixture.namer.lookup(Path.of("dc1", `s-${n}`))));
  await eventually("all are bound", () => all.every((each) => each.keys?.length === 1));
  for (const n of [0, 10, 19]) {
    const check = { CheckID: "c", ServiceID: "i", Status: "critical" };
    fake.catalogue.write([{ Node: `n-${n}`, Check: check }]);
    await eventually(`${n} is withdrawn`, () => all[n]?.isNeg, 2_000);
  }
  fake.catalogue.write([{ Node: "n-5", Address: "127.0.0.5", Service: { ID: "i", Service: "s-5", Port: 8_005 } }]);
  await eventually("a node's new address", () => all[5]?.addresses?.value?.addresses[0]?.host === "127.0.0.5", 2_000);
  all.forEach((each) => each[Symbol.dispose]());
});

test("who is asked for last is watched", { timeout: 60_000 }, async () => {
  await using fake = await FakeConsul.start();
  const given = { guard: OFF, clock: new CountingClock(), log: new RecordingLog(), down: false };
  await using fixture = await consulFixture(fake.port, given, {}, {}, { watches: 2, waitMs: 500 });
  const names = ["a", "b", "c", "d"];
  const all = names.map((name) => new FollowedName(fixture.namer.lookup(Path.of("dc1", name))));
  await eventually("all are answered", () => all.every((each) => each.isNeg));
  const watched = (since: number): string =>
    [...new Set(fake.asked.slice(since).flatMap((each) => /service\/(\w)\?.*index=/.exec(each)?.[1] ?? []))]
      .sort()
      .join();
  await eventually("the last two are watched", () => watched(fake.asked.length - 8) === "c,d", 10_000);
  fixture.namer.lookup(Path.of("dc1", "a"));
  await eventually("one that was asked for again is watched", () => watched(fake.asked.length - 8) === "a,d", 10_000);
  all.forEach((each) => each[Symbol.dispose]());
});

/** What a server that began anew has by the time that anybody asks it: the name at a low index, its tables beyond all before. */
function beginAnew(fake: FakeConsul, n: number, port: number): void {
  fake.catalogue.resetIndexes(5);
  register(fake, n, port);
  for (let other = 0; other < 100; other++) register(fake, 1_000 + other, 9_000);
}

test("an index is of the servers that gave it: behind new connections nobody waits for what will not come", async () => {
  await using fake = await FakeConsul.start();
  for (let n = 0; n < 50; n++) register(fake, n, 8_000 + n);
  const given = { guard: OFF, clock: new CountingClock(), log: new RecordingLog(), down: false };
  await using fixture = await consulFixture(fake.port, given);
  using name = new FollowedName(fixture.namer.lookup(Path.of("dc1", "s-49")));
  const port = (): number | undefined => name.addresses?.value?.addresses[0]?.port;
  await eventually("the name and the nodes are waited for", () => fake.waiting === 2);
  register(fake, 49, 8_100);
  await eventually("the watch has told of it", () => port() === 8_100);
  // Until it asks again it gathers changes, so that no question is cut.
  beginAnew(fake, 49, 8_200);
  fixture.proxy.reset();
  await eventually("the name has moved", () => port() === 8_200);
});

test("one name that is read at a lower index than before shows that the servers began anew", async () => {
  await using fake = await FakeConsul.start();
  for (let n = 0; n < 50; n++) register(fake, n, 8_000 + n);
  const given = { guard: OFF, clock: new CountingClock(), log: new RecordingLog(), down: false };
  await using fixture = await consulFixture(fake.port, given, { useHealthCheck: false }, {}, { watches: 1 });
  // Whose slot it is, is seen at the watch's next answer.
  const [watched, swept, again] = [49, 48, 49].map(
    (n) => new FollowedName(fixture.namer.lookup(Path.of("dc1", `s-${n}`))),
  );
  const port = (of: FollowedName | undefined): number | undefined => of?.addresses?.value?.addresses[0]?.port;
  await eventually("all is waited for", () => fake.waiting === 3 && port(swept) === 8_048);
  register(fake, 49, 8_100);
  await eventually("the watch has told of it", () => port(watched) === 8_100);
  // Nothing that waits is told of a lower index, as behind an agent that goes on asking another server.
  beginAnew(fake, 49, 8_200);
  await eventually("the name has moved", () => port(watched) === 8_200, 10_000);
  for (const each of [watched, swept, again]) each?.[Symbol.dispose]();
});
