import assert from "node:assert/strict";
import { chmodSync, existsSync, readFileSync, rmSync, statSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AddressSet } from "../../../src/base/address.ts";
import { Memory } from "../../../src/snapshot/memory.ts";
import { SnapshotKeeper } from "../../../src/snapshot/snapshot-keeper.ts";
import { eventually } from "../../../src/testing/eventually.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { setOf } from "../../fakes/remembered-scene.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";

const DAY = 86_400_000;

async function open(path: string | undefined, clock = new FakeClock(Date.now())) {
  const memory = new Memory();
  const log = new RecordingLog();
  const keeper = await SnapshotKeeper.open({ memory, path, intervalMs: 10_000, keepMs: 7 * DAY, clock, log });
  return { memory, log, keeper, clock, addresses: memory.of("/n").addresses };
}

const text = (file: string): string => (existsSync(file) ? readFileSync(file, "utf8") : "");

test("what changed is written once an interval, and nothing where nothing did", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "snapshot");
  const { addresses, clock, keeper } = await open(file);
  addresses.remember("/users", setOf("a"));
  addresses.remember("/users", setOf("ab"));
  clock.advance(9_999);
  assert.equal(existsSync(file), false);
  clock.advance(1);
  await eventually("it is written", () => text(file).includes('"b"'));
  const { ino } = statSync(file);
  await eventually("the next interval begins", () => clock.waiting > 0);
  clock.advance(10_000);
  await eventually("what is watched is confirmed", () => statSync(file).mtimeMs >= clock.wall() - 1);
  assert.equal(statSync(file).ino, ino, "it is the same file still");
  await keeper[Symbol.asyncDispose]();
  assert.equal(clock.waiting, 0);
});

test("of many names only those that changed are written, beside what was written as a whole", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "snapshot");
  const { addresses, clock, keeper, log } = await open(file);
  for (let n = 0; n < 1_000; n++) addresses.remember(`/${n}`, setOf("a"));
  const interval = async (what: string): Promise<void> => {
    const before = text(file) + text(`${file}.changes`);
    clock.advance(10_000);
    await eventually(what, () => text(file) + text(`${file}.changes`) !== before && clock.waiting > 0);
  };
  await interval("all is written");
  const { ino } = statSync(file);
  addresses.remember("/7", setOf("b"));
  addresses.forget("/8");
  addresses.date("/9", clock.wall());
  await interval("what changed is");
  addresses.remember("/7", setOf("c"));
  await interval("and again");
  assert.equal(statSync(file).ino, ino, "it is the same file still");
  assert.ok(statSync(`${file}.changes`).size < 1_000);

  const later = await open(file, clock);
  assert.deepEqual(
    later.log.told("snapshot.loaded").map(({ fields }) => fields["entries"]),
    [999],
  );
  assert.deepEqual(
    ["/7", "/8", "/9", "/10"].map((key) => later.addresses.recall(key, clock.wall())?.value.addresses[0]?.host),
    ["c", undefined, "a", "a"],
  );
  for (const { keeper: each } of [later, { keeper }]) await each[Symbol.asyncDispose]();
  assert.deepEqual(log.told("snapshot.failed"), []);
});

test("changes that were cut short are told in one line, and what came before them is used", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "snapshot");
  const first = await open(file);
  const interval = async (what: string): Promise<void> => {
    first.clock.advance(10_000);
    await eventually(what, () => text(file) + text(`${file}.changes`) !== "" && first.clock.waiting > 0);
  };
  first.addresses.remember("/a", setOf("a"));
  await interval("it is written");
  first.addresses.remember("/b", setOf("b"));
  await interval("it is added");
  first.addresses.remember("/c", setOf("c"));
  await interval("it is added");
  writeFileSync(`${file}.changes`, text(`${file}.changes`).slice(0, -20));
  const second = await open(file, first.clock);
  assert.equal(second.log.told("snapshot.refused").length, 1);
  assert.deepEqual(
    ["/a", "/b", "/c"].map((key) => second.addresses.recall(key, 1)?.value.addresses[0]?.host),
    ["a", "b", undefined],
  );
  for (const { keeper } of [second, first]) await keeper[Symbol.asyncDispose]();
});

test("when a quarter of it has changed, or more than can be told apart, it is written as a whole, and nothing is beside it", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "snapshot");
  const { addresses, clock, keeper } = await open(file);
  const large = setOf(Array.from({ length: 26 }, (_, n) => String.fromCharCode(97 + n)).join(""));
  let changes = 0;
  const written = async (): Promise<void> => {
    const before = text(file) + text(`${file}.changes`);
    for (let n = 0; n < 2_000; n++) addresses.remember(`/${n}`, changes % 2 === 0 ? large : setOf("a"));
    changes++;
    clock.advance(10_000);
    await eventually("it is written", () => text(file) + text(`${file}.changes`) !== before && clock.waiting > 0);
  };
  await written();
  const { ino } = statSync(file);
  for (let round = 0; round < 20 && statSync(file).ino === ino; round++) await written();
  assert.notEqual(statSync(file).ino, ino);
  assert.ok(changes > 3, `${changes}`);
  assert.equal(existsSync(`${file}.changes`), false);
  await keeper[Symbol.asyncDispose]();
});

test("the end writes what changed, dated", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "snapshot");
  const first = await open(file);
  first.addresses.remember("/users", setOf("a"));
  first.addresses.date("/users", first.clock.wall() - 5_000);
  await first.keeper[Symbol.asyncDispose]();
  const second = await open(file);
  assert.deepEqual(second.log.told("snapshot.loaded").length, 1);
  const recalled = second.addresses.recall("/users", second.clock.wall());
  assert.equal(recalled?.at, first.clock.wall() - 5_000);
  assert.ok(recalled?.value.equals(setOf("a")));
  await second.keeper[Symbol.asyncDispose]();
});

test("what nobody watches stays for as long as it is kept, through restarts, and then goes", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "snapshot");
  const wall = Date.now();
  const first = await open(file, new FakeClock(wall));
  first.addresses.remember("/users", setOf("a"));
  first.addresses.date("/users", wall);
  await first.keeper[Symbol.asyncDispose]();
  const second = await open(file, new FakeClock(wall + 6 * DAY));
  assert.equal(second.addresses.size, 1);
  second.addresses.remember("/other", setOf("b"));
  second.addresses.date("/other", wall + 6 * DAY);
  await second.keeper[Symbol.asyncDispose]();
  const third = await open(file, new FakeClock(wall + 8 * DAY));
  assert.deepEqual([third.addresses.recall("/users", wall), third.addresses.size], [undefined, 1]);
  await third.keeper[Symbol.asyncDispose]();
});

test("a file that cannot be used is told once, stays until there is something to write, and is then replaced", async () => {
  using folder = tempFolder({ snapshot: "spoilt" });
  const file = join(folder.path, "snapshot");
  const { log, keeper, addresses, clock } = await open(file);
  assert.deepEqual(
    log.told("snapshot.refused").map((line) => line.fields["cause"]),
    ["it does not begin as a snapshot does"],
  );
  clock.advance(10_000);
  await eventually("the next interval begins", () => clock.waiting > 0);
  assert.equal(text(file), "spoilt");
  addresses.remember("/users", AddressSet.empty);
  await keeper[Symbol.asyncDispose]();
  assert.match(text(file), /^linkspan snapshot 1\n/);
});

test("another file in its place, as a daemon that drains leaves it, is written over", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "snapshot");
  const { keeper, addresses, clock } = await open(file);
  addresses.remember("/users", setOf("a"));
  clock.advance(10_000);
  await eventually("it is written", () => text(file).includes('"a"') && clock.waiting > 0);
  rmSync(file);
  writeFileSync(file, "another");
  clock.advance(10_000);
  await eventually("it is ours again", () => text(file).includes('"a"'));
  await keeper[Symbol.asyncDispose]();
});

test("a place that cannot be written is told once, and its end once", async () => {
  using folder = tempFolder({ "blocked/file": "" });
  const file = join(folder.path, "blocked/file/snapshot");
  const { log, keeper, addresses, clock } = await open(file);
  addresses.remember("/users", setOf("a"));
  for (let tried = 1; tried <= 3; tried++) {
    clock.advance(10_000);
    await eventually("the next interval begins", () => clock.waiting > 0);
  }
  assert.equal(log.told("snapshot.failed").filter(({ level }) => level === "warn").length, 1);
  rmSync(join(folder.path, "blocked/file"));
  clock.advance(10_000);
  await eventually("it is written", () => text(file).includes('"a"') && clock.waiting > 0);
  assert.equal(log.told("snapshot.written").length, 1);
  chmodSync(folder.path, 0o700);
  await keeper[Symbol.asyncDispose]();
});

test("without a place nothing is written, and what is too old goes all the same", async () => {
  const { keeper, addresses, clock } = await open(undefined);
  addresses.remember("/users", setOf("a"));
  addresses.date("/users", clock.wall());
  for (let day = 0; day < 8; day++) {
    clock.advance(DAY);
    await eventually("the next interval begins", () => clock.waiting > 0);
  }
  assert.equal(addresses.size, 0);
  await keeper[Symbol.asyncDispose]();
});
