import assert from "node:assert/strict";
import { test } from "node:test";
import type { CheckResult } from "../../../../src/cluster/health/check.ts";
import { CheckedEndpoint } from "../../../../src/cluster/health/checked-endpoint.ts";

const times = { intervalMs: 10_000, timeoutMs: 1_000, down: 3, up: 2 };
const passed: CheckResult = { outcome: "passed", answer: "200" };
const failed: CheckResult = { outcome: "failed", answer: "503" };
const unknown: CheckResult = { outcome: "unknown", answer: "EMFILE" };

/** What is said of an endpoint after each of these checks, at 1, 2, ... */
function after(...results: readonly CheckResult[]): (boolean | undefined)[] {
  const endpoint = new CheckedEndpoint(times);
  return results.map((result, at) => {
    endpoint.heard(result, at + 1);
    return endpoint.health?.isHealthy;
  });
}

test("an endpoint is out after three failed checks in a row, and in after two that passed", () => {
  const said = after(passed, failed, failed, failed, passed, failed, passed, passed);
  assert.deepEqual(said, [true, true, true, false, false, false, false, true]);
});

test("nothing is known of an endpoint before a check passes or three have failed", () => {
  assert.deepEqual(after(failed, failed, failed), [undefined, undefined, false]);
  assert.deepEqual(after(failed, passed), [undefined, true]);
});

test("a check that passes in between begins the count of failures anew", () => {
  assert.deepEqual(after(passed, failed, failed, passed, failed, failed), [true, true, true, true, true, true]);
});

test("a check that could not be made says nothing, and interrupts no row", () => {
  assert.deepEqual(after(passed, failed, failed, unknown, failed), [true, true, true, true, false]);
});

test("there is news when an endpoint turns, and when its answer is another; it says since when", () => {
  const endpoint = new CheckedEndpoint(times);
  assert.equal(endpoint.heard(passed, 1), true);
  assert.equal(endpoint.heard(passed, 2), false);
  assert.equal(endpoint.heard({ outcome: "passed", answer: "204" }, 3), true);
  assert.deepEqual(endpoint.health, { isHealthy: true, answer: "204", since: 1 });
  assert.deepEqual(
    [4, 5, 6].map((wall) => endpoint.heard(failed, wall)),
    [true, false, true],
  );
  assert.deepEqual(endpoint.health, { isHealthy: false, answer: "503", since: 6 });
});
