import assert from "node:assert/strict";
import { test } from "node:test";
import { Turns } from "../../../../namers/kubernetes/turns.ts";

const never = new AbortController().signal;

test("no more than so many are at work, and the rest follow in their order", async () => {
  const turns = new Turns(2);
  const order: number[] = [];
  let inside = 0;
  const work = (n: number) => async () => {
    assert.ok(++inside <= 2);
    await new Promise((resolve) => setImmediate(resolve));
    order.push(n);
    inside--;
  };
  await Promise.all([0, 1, 2, 3, 4].map((n) => turns.pass(work(n), never)));
  assert.deepEqual(order, [0, 1, 2, 3, 4]);
});

test("who gives up while waiting takes no place, and a failure frees its own", async () => {
  const turns = new Turns(1);
  const first = Promise.withResolvers<void>();
  const running = turns.pass(() => first.promise, never);
  const end = new AbortController();
  const waiting = turns.pass(() => Promise.resolve("never"), end.signal);
  end.abort(new Error("given up"));
  await assert.rejects(waiting, /given up/);
  first.reject(new Error("broken"));
  await assert.rejects(running, /broken/);
  assert.equal(await turns.pass(() => Promise.resolve("next"), never), "next");
});
