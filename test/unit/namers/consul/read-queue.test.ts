import assert from "node:assert/strict";
import { test } from "node:test";
import { ReadQueue } from "../../../../namers/consul/read-queue.ts";
import { turn } from "../../../../src/testing/fake-clock.ts";

/** Reads that end when they are told to. */
function held(atOnce: number) {
  const begun: string[] = [];
  const ends = new Map<string, () => void>();
  const queue = new ReadQueue<string>(atOnce, (thing) => {
    begun.push(thing);
    return new Promise((resolve) => ends.set(thing, resolve));
  });
  const end = async (thing: string): Promise<void> => {
    ends.get(thing)?.();
    await turn();
  };
  return { queue, begun, end };
}

test("so many are read at a time, and who is waited for goes first", async () => {
  const { queue, begun, end } = held(2);
  for (const each of ["a", "b", "c", "d"]) queue.push(each, false);
  queue.push("e", true);
  assert.deepEqual(begun, ["a", "b"]);
  await end("a");
  await end("b");
  assert.deepEqual(begun, ["a", "b", "e", "c"]);
});

test("what waits already waits once, and may become urgent", async () => {
  const { queue, begun, end } = held(1);
  queue.push("a", false);
  for (const isUrgent of [false, false, true, false]) queue.push("c", isUrgent);
  queue.push("b", false);
  assert.equal(queue.size, 2);
  await end("a");
  await end("c");
  assert.deepEqual(begun, ["a", "c", "b"]);
});

test("what is read may be pushed again meanwhile, and what was dropped is not read", async () => {
  const { queue, begun, end } = held(1);
  queue.push("a", false);
  queue.push("a", false);
  queue.push("b", true);
  queue.drop("b");
  await end("a");
  assert.deepEqual(begun, ["a", "a"]);
});

test("a closed queue begins nothing more", async () => {
  const { queue, begun, end } = held(1);
  queue.push("a", false);
  queue.push("b", true);
  queue.close();
  queue.push("c", true);
  await end("a");
  assert.deepEqual(begun, ["a"]);
});
