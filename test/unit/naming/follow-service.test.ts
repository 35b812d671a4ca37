import assert from "node:assert/strict";
import { test } from "node:test";
import { followService, type ServiceReading } from "../../../src/plugin.ts";
import { FakeClock } from "../../../src/testing/fake-clock.ts";
import { seededRandom } from "../../../src/testing/seeded-random.ts";

const nobody: ServiceReading = { members: new Map() };

test("a source is asked again after a failure, ever later, and soon again once it has answered", async () => {
  const clock = new FakeClock();
  const told: string[] = [];
  let answers = false;
  const following = followService({
    clock,
    random: seededRandom(1),
    listener: { heard: () => void told.push("heard"), failed: (cause) => void told.push(cause.message) },
    attempt: async (heard) => {
      if (answers) heard(nobody);
      throw new Error("gone");
    },
    retry: { minMs: 100, maxMs: 400 },
  });
  await clock.advanceAsync(100);
  assert.deepEqual(told, ["gone", "gone"]);
  await clock.advanceAsync(10_000);
  assert.ok(told.length < 60, `${told.length} attempts`);
  answers = true;
  await clock.advanceAsync(400);
  assert.ok(told.includes("heard"));
  const wait = clock.nextIn ?? Infinity;
  assert.ok(wait <= 100, `${wait}`);
  following[Symbol.dispose]();
  const count = told.length;
  await clock.advanceAsync(10_000);
  assert.deepEqual([told.length, clock.waiting], [count, 0]);
});
