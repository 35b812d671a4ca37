import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Cache } from "../../../src/base/cache.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";

function open(capacity: number): { cache: Cache<string, string>; clock: FakeClock; closed: string[] } {
  const clock = new FakeClock();
  const closed: string[] = [];
  let made = 0;
  const cache = new Cache<string, string>({
    capacity,
    idleTtlMs: 1000,
    clock,
    open: (key) => `${key}${++made}`,
    close: (value) => closed.push(value),
  });
  return { cache, clock, closed };
}

describe("a cache", () => {
  it("makes a value once and keeps it while it is used", () => {
    const { cache, clock, closed } = open(2);
    const first = cache.acquire("a");
    assert.equal(cache.acquire("a"), first);
    cache.release(first);
    clock.advance(10_000);
    assert.deepEqual([closed, cache.counts.misses], [[], 1]);
    cache.release(first);
    clock.advance(2000);
    assert.deepEqual([closed, cache.counts.expires, cache.size], [["a1"], 1, 0]);
    assert.equal(clock.waiting, 0);
  });

  it("evicts what is idle the longest when it is full", () => {
    const { cache, clock, closed } = open(2);
    cache.release(cache.acquire("a"));
    clock.advance(1);
    cache.release(cache.acquire("b"));
    clock.advance(1);
    cache.release(cache.acquire("a"));
    clock.advance(1);
    cache.release(cache.acquire("c"));
    assert.deepEqual([closed, cache.counts.evicts], [["b2"], 1]);
  });

  it("gives a one-shot when everything is in use, closed after its use", () => {
    const { cache, closed } = open(1);
    const busy = cache.acquire("a");
    const shot = cache.acquire("b");
    assert.deepEqual([shot.isOneShot, shot.value, cache.peek("b")], [true, "b2", undefined]);
    cache.release(shot);
    assert.deepEqual([closed, cache.counts.oneshots], [["b2"], 1]);
    assert.equal(cache.acquire("a"), busy);
  });

  it("closes a deleted value when its last user releases it, and makes a new one meanwhile", () => {
    const { cache, closed } = open(2);
    const old = cache.acquire("a");
    assert.equal(cache.delete("a"), true);
    assert.equal(cache.delete("a"), false);
    assert.equal(cache.acquire("a").value, "a2");
    assert.deepEqual(closed, []);
    cache.release(old);
    assert.deepEqual(closed, ["a1"]);
  });

  it("closes everything when it is disposed, what is in use when that is over", () => {
    const { cache, clock, closed } = open(3);
    const used = cache.acquire("a");
    cache.release(cache.acquire("b"));
    cache[Symbol.dispose]();
    assert.deepEqual([closed, clock.waiting], [["b2"], 0]);
    cache.release(used);
    const late = cache.acquire("c");
    cache.release(late);
    assert.deepEqual([closed, late.isOneShot], [["b2", "a1", "c3"], true]);
  });

  it("refuses a release too many", () => {
    const { cache } = open(1);
    const entry = cache.acquire("a");
    cache.release(entry);
    assert.throws(() => cache.release(entry), /more often/);
  });
});
