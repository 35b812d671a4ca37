import assert from "node:assert/strict";
import { test } from "node:test";
import { InFlight } from "../../../../namers/zookeeper/in-flight.ts";

test("no more than the limit are on their way, the rest go in their order", async () => {
  const inFlight = new InFlight(2);
  const begun: number[] = [];
  const ends = Array.from({ length: 5 }, () => Promise.withResolvers<void>());
  const all = ends.map((end, n) =>
    inFlight.run(async () => {
      begun.push(n);
      await end.promise;
    }),
  );
  await Promise.resolve();
  assert.deepEqual(begun, [0, 1]);
  ends[1]?.resolve();
  await all[1];
  await Promise.resolve();
  assert.deepEqual(begun, [0, 1, 2]);
  ends.forEach((end) => end.resolve());
  await Promise.all(all);
  assert.deepEqual(begun, [0, 1, 2, 3, 4]);
});

test("work that fails leaves its place to the next", async () => {
  const inFlight = new InFlight(1);
  const failing = inFlight.run(() => Promise.reject(new Error("no")));
  const next = inFlight.run(() => Promise.resolve("yes"));
  await assert.rejects(failing, { message: "no" });
  assert.equal(await next, "yes");
});

test("what is urgent goes before what is not, and a hundred thousand that wait are no burden", async () => {
  const inFlight = new InFlight(1);
  const first = Promise.withResolvers<void>();
  const begun: string[] = [];
  const running = inFlight.run(() => first.promise);
  const others = Array.from({ length: 100_000 }, () => inFlight.run(async () => void begun.push("other")));
  const urgent = inFlight.run(async () => void begun.push("urgent"), true);
  const startedAt = performance.now();
  first.resolve();
  await Promise.all([running, urgent, ...others]);
  assert.deepEqual(begun.slice(0, 2), ["urgent", "other"]);
  assert.ok(performance.now() - startedAt < 5_000);
});
