import assert from "node:assert/strict";
import { test } from "node:test";
import type { Checker } from "../../../../src/cluster/health/check.ts";
import { LateChecker } from "../../../../src/cluster/health/late-checker.ts";

const address = { host: "10.0.0.1", port: 80, weight: 1 };
const passes: Checker = { check: () => Promise.resolve({ outcome: "passed", answer: "200" }) };
const unbroken = new AbortController().signal;

test("a checker is opened with the first check, and once", async () => {
  let opened = 0;
  const checker = new LateChecker(
    () => {
      opened++;
      return Promise.resolve(passes);
    },
    () => assert.fail("it can be opened"),
  );
  assert.equal(opened, 0);
  const both = await Promise.all([checker.check(address, unbroken), checker.check(address, unbroken)]);
  assert.deepEqual([opened, both.map(({ outcome }) => outcome)], [1, ["passed", "passed"]]);
});

test("where none can be opened every check is unknown, and why is told once", async () => {
  const told: unknown[] = [];
  const checker = new LateChecker(
    () => Promise.reject(new Error("no certificate")),
    (error) => told.push(error),
  );
  for (let n = 0; n < 2; n++) assert.equal((await checker.check(address, unbroken)).outcome, "unknown");
  assert.deepEqual(told.map(String), ["Error: no certificate"]);
});

test("a check that nobody wants any more when the checker is there is not made", async () => {
  const stopped = new AbortController();
  const checker = new LateChecker(
    () => {
      stopped.abort();
      return Promise.resolve(passes);
    },
    () => assert.fail("it can be opened"),
  );
  assert.equal((await checker.check(address, stopped.signal)).outcome, "unknown");
});
