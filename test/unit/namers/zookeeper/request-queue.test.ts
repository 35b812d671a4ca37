import assert from "node:assert/strict";
import { test } from "node:test";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { type Request, RequestQueue } from "../../../../namers/zookeeper/request-queue.ts";
import { isZkError } from "../../../../namers/zookeeper/zk-error.ts";

function request(what: string, ends: string[], bytes = 0): Request {
  const lost = (cause: Error): void => void ends.push(`${what}: ${cause.message}`);
  return { op: 1, body: Buffer.alloc(bytes), answer: { what, answered: () => undefined, lost } };
}

test("requests leave in the order in which they came", () => {
  const queue = new RequestQueue(new FakeClock(), 100);
  const names = Array.from({ length: 100 }, (_, at) => String(at));
  const left: (string | undefined)[] = [];
  names.forEach((name, at) => {
    queue.push(request(name, []), 0);
    if (at % 3 === 0) left.push(queue.shift()?.answer.what);
  });
  while (queue.length > 0) left.push(queue.shift()?.answer.what);
  assert.deepEqual(left, names);
  assert.equal(queue.shift(), undefined);
});

test("each request that waits too long is given up at its own time, while that is watched", () => {
  const clock = new FakeClock();
  const queue = new RequestQueue(clock, 100);
  const ends: string[] = [];
  queue.push(request("first", ends), 0);
  queue.watch(() => new Error("why"));
  clock.advance(60);
  queue.push(request("second", ends), 0);
  clock.advance(39);
  assert.deepEqual(ends, []);
  clock.advance(1);
  assert.deepEqual(ends, ["first: why"]);
  clock.advance(60);
  assert.deepEqual(ends, ["first: why", "second: why"]);
  assert.equal(clock.waiting, 0);
});

test("a queue at rest gives nothing up and keeps no timer", () => {
  const clock = new FakeClock();
  const queue = new RequestQueue(clock, 100);
  const ends: string[] = [];
  queue.push(request("first", ends), 0);
  queue.watch(() => new Error("why"));
  queue.rest();
  clock.advance(1_000);
  assert.deepEqual(ends, []);
  assert.equal(clock.waiting, 0);
});

test("a queue is bounded in number and in bytes, with what is on its way elsewhere", () => {
  const queue = new RequestQueue(new FakeClock(), 100);
  const full = (error: unknown): boolean => isZkError(error, "QUEUE_FULL");
  assert.throws(() => queue.push(request("x", []), 10_000), full);
  for (let at = 0; at < 64; at++) queue.push(request("large", [], 1024 * 1024), 0);
  assert.throws(() => queue.push(request("x", [], 1), 0), full);
  queue.shift();
  queue.push(request("x", [], 1), 0);
});
