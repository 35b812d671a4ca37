import assert from "node:assert/strict";
import { getEventListeners } from "node:events";
import { test } from "node:test";
import { untilAborted } from "../../../src/base/guarded.ts";

const never = new Promise<never>(() => undefined);
const left = (signal: AbortSignal): number => getEventListeners(signal, "abort").length;

test("work that hangs is waited for until its signal aborts, and not at all where it has aborted", async () => {
  const end = new AbortController();
  const waiting = untilAborted(never, end.signal);
  end.abort(new Error("it took too long"));
  await assert.rejects(waiting, new Error("it took too long"));
  await assert.rejects(untilAborted(never, end.signal), new Error("it took too long"));
  assert.equal(left(end.signal), 0);
});

test("work that ends in time is answered with, however it ends, and leaves nothing at a signal that lives on", async () => {
  const { signal } = new AbortController();
  for (let n = 0; n < 20; n++) {
    assert.equal(await untilAborted(Promise.resolve(n), signal), n);
    await assert.rejects(untilAborted(Promise.reject(new Error("down")), signal), new Error("down"));
  }
  assert.equal(left(signal), 0);
});
