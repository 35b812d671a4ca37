import assert from "node:assert/strict";
import { test } from "node:test";
import { RefusalTeller, RefusedEntries } from "../../../src/naming/refused-entries.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";

function entriesOf(name?: string) {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const count = { value: 0 };
  const teller = new RefusalTeller(log, clock, count);
  const told = () => log.told("instance.refused");
  return { clock, count, log, told, teller, entries: new RefusedEntries(teller, name) };
}

test("an entry that cannot be read is told and counted once for each reason", () => {
  const { entries, count, told } = entriesOf("/users");
  for (const cause of ["it is empty", "it is empty", "no port"]) entries.refuse("a", cause);
  assert.deepEqual(
    told().map(({ fields }) => fields),
    ["it is empty", "no port"].map((cause) => ({ name: "/users", entry: "a", cause })),
  );
  assert.equal(count.value, 2);
});

test("an entry that was good in between, or was away, is told again", () => {
  const { entries, count } = entriesOf();
  entries.refuse("a", "it is empty");
  entries.accept("a");
  entries.refuse("a", "it is empty");
  assert.equal(count.value, 2);
  entries.replace(new Map([["a", "it is empty"]]));
  assert.equal(count.value, 2);
  entries.replace(new Map());
  entries.replace(new Map([["a", "it is empty"]]));
  assert.equal(count.value, 3);
});

test("of many entries twenty are told a minute, of all names together, and all are counted", () => {
  const { clock, entries, teller, count, told, log } = entriesOf("/users");
  entries.replace(new Map(Array.from({ length: 100 }, (_, n) => [`${n}`, "it is empty"])));
  const others = new RefusedEntries(teller, "/carts");
  others.refuse("a", "it is empty");
  assert.deepEqual([told().length, log.lines.length, count.value], [20, 101, 101]);
  clock.advance(60_000);
  others.refuse("b", "it is empty");
  assert.deepEqual([told().length, count.value], [21, 102]);
});

test("it is known of the newest ten thousand that they were told", () => {
  const { entries, count } = entriesOf();
  for (let n = 0; n <= 10_000; n++) entries.refuse(`${n}`, "it is empty");
  entries.refuse("1", "it is empty");
  assert.equal(count.value, 10_001);
  entries.refuse("0", "it is empty");
  assert.equal(count.value, 10_002);
});
