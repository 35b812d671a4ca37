import assert from "node:assert/strict";
import { test } from "node:test";
import { TimedSource } from "../../../../namers/dns-srv/timed-source.ts";
import { FakeClock, turn } from "../../../../src/testing/fake-clock.ts";

/** Followed, with waits that are not shortened by chance. */
function followed(ttlMs: () => number, refreshMs = 5_000) {
  const clock = new FakeClock();
  let reads = 0;
  let failures = 0;
  const read = async () => {
    reads++;
    const ttl = ttlMs();
    if (ttl < 0) throw new Error("the server is down");
    return { reading: { members: undefined }, ttlMs: ttl };
  };
  const source = new TimedSource({ read, refreshMs, clock, random: { next: () => 0 } });
  const following = source.follow({ heard: () => undefined, failed: () => void failures++ });
  return { source, clock, following, reads: () => reads, failures: () => failures };
}

for (const [ttlMs, waitMs, what] of [
  [3_000, 3_000, "while it holds"],
  [0, 1_000, "for a second at least"],
  [60_000, 5_000, "for the longest time at most"],
  [Infinity, 5_000, "for the longest time where nobody says how long it holds"],
] as const) {
  test(`a reading is not read again ${what}`, async () => {
    const { clock, following, reads } = followed(() => ttlMs);
    await turn();
    assert.equal(reads(), 1);
    await clock.advanceAsync(waitMs - 1);
    assert.equal(reads(), 1);
    await clock.advanceAsync(1);
    assert.equal(reads(), 2);
    following[Symbol.dispose]();
    await turn();
    assert.equal(clock.waiting, 0);
  });
}

test("what cannot be read is tried again soon, a second later at most", async () => {
  const { clock, following, reads, failures } = followed(() => -1);
  await clock.advanceAsync(10_000);
  assert.ok(reads() >= 10, `${reads()} reads in ten seconds`);
  assert.equal(failures(), reads());
  following[Symbol.dispose]();
});

test("a second look reads at once", async () => {
  const { source, following, reads } = followed(() => 60_000);
  await turn();
  assert.deepEqual(await source.confirm(new AbortController().signal), { members: undefined });
  assert.equal(reads(), 2);
  following[Symbol.dispose]();
});
