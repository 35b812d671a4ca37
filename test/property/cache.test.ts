import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { Cache, type CacheEntry } from "../../src/base/cache.ts";
import { FakeClock } from "../../src/testing/fake-clock.ts";

type Step =
  | { readonly do: "acquire"; readonly key: number }
  | { readonly do: "release"; readonly which: number }
  | { readonly do: "delete"; readonly key: number }
  | { readonly do: "advance"; readonly ms: number };

const step: fc.Arbitrary<Step> = fc.oneof(
  { weight: 4, arbitrary: fc.record({ do: fc.constant("acquire" as const), key: fc.nat(6) }) },
  { weight: 3, arbitrary: fc.record({ do: fc.constant("release" as const), which: fc.nat(20) }) },
  { weight: 1, arbitrary: fc.record({ do: fc.constant("delete" as const), key: fc.nat(6) }) },
  { weight: 2, arbitrary: fc.record({ do: fc.constant("advance" as const), ms: fc.nat(150) }) },
);

interface Thing {
  readonly key: number;
  closed: number;
}

describe("the laws of the cache", () => {
  it("never closes what is in use, closes everything once in the end, and stays within its capacity", () => {
    fc.assert(
      fc.property(fc.integer({ min: 1, max: 4 }), fc.array(step, { maxLength: 60, size: "max" }), (capacity, steps) => {
        const clock = new FakeClock();
        const made: Thing[] = [];
        const cache = new Cache<number, Thing>({
          capacity,
          idleTtlMs: 100,
          clock,
          open: (key) => {
            const thing = { key, closed: 0 };
            made.push(thing);
            return thing;
          },
          close: (thing) => void thing.closed++,
        });
        const used: CacheEntry<Thing>[] = [];
        for (const each of steps) {
          if (each.do === "acquire") used.push(cache.acquire(each.key));
          else if (each.do === "delete") cache.delete(each.key);
          else if (each.do === "advance") clock.advance(each.ms);
          else if (used.length > 0) cache.release(used.splice(each.which % used.length, 1)[0] as CacheEntry<Thing>);
          assert.ok(cache.size <= capacity);
          for (const entry of used) assert.equal(entry.value.closed, 0);
          if (each.do === "acquire") assert.equal(used.at(-1)?.value.key, each.key);
        }
        const kept = new Set(cache.values());
        for (const thing of made) {
          const inUse = used.some((entry) => entry.value === thing);
          assert.equal(thing.closed, kept.has(thing) || inUse ? 0 : 1);
        }
        cache[Symbol.dispose]();
        for (const entry of used) cache.release(entry);
        assert.ok(made.every((thing) => thing.closed === 1));
        assert.equal(clock.waiting, 0);
        assert.equal(cache.counts.misses, made.length);
      }),
    );
  });

  it("lets an idle entry live between one and two times its idle time", () => {
    fc.assert(
      fc.property(fc.nat(99), fc.nat(300), (offset, use) => {
        const clock = new FakeClock();
        let closedAt = -1;
        const cache = new Cache<string, string>({
          capacity: 10,
          idleTtlMs: 100,
          clock,
          open: (key) => key,
          close: (value) => {
            if (value === "b") closedAt = clock.now();
          },
        });
        const busy = cache.acquire("a");
        clock.advance(offset);
        const entry = cache.acquire("b");
        clock.advance(use);
        cache.release(entry);
        const idleSince = clock.now();
        clock.advance(1000);
        assert.ok(closedAt - idleSince >= 100 && closedAt - idleSince <= 200, `${closedAt - idleSince}`);
        cache.release(busy);
      }),
    );
  });
});
