import assert from "node:assert/strict";
import { test } from "node:test";
import { PlanError } from "../../../src/bridge/plan-error.ts";
import { planDefaults, readPlan } from "../../../src/bridge/shift-plan.ts";

const least = { path: "/svc/Users", from: "/#/zk/users", to: "/#/k8s/users" };

test("what is not said has its default, and the name is the end of the path", () => {
  assert.deepEqual(readPlan(least), {
    name: "users",
    ...least,
    scope: {},
    steps: [1, 10, 50, 100],
    bakeMs: 600_000,
    guard: planDefaults.guard,
  });
});

test("a guard may say some of its limits", () => {
  assert.deepEqual(readPlan({ ...least, guard: { p99Ratio: 2 } }).guard, { ...planDefaults.guard, p99Ratio: 2 });
});

const refused: readonly (readonly [string, object])[] = [
  ["path", { path: undefined }],
  ["path", { path: "users" }],
  ["path", { path: "/#" }],
  ["from", { from: "" }],
  ["to", { to: "/#/zk/users" }],
  ["name", { name: "Users!" }],
  ["name", { name: "a".repeat(41) }],
  ["router", { router: "http" }],
  ["scope", { scope: "some" }],
  ["scope", { scope: { headers: ["x-canary: 1"] } }],
  ["scope", { scope: { pods: ["a"] } }],
  ["scope.routers", { scope: { routers: [] } }],
  ["scope.hosts", { scope: { hosts: [1] } }],
  ["scope.hostShare", { scope: { hostShare: 0 } }],
  ["steps", { steps: [] }],
  ["steps", { steps: [0, 100] }],
  ["steps", { steps: [10, 10, 100] }],
  ["steps", { steps: [50, 10, 100] }],
  ["steps", { steps: [1, 50] }],
  ["steps", { steps: [0.001, 100] }],
  ["steps", { steps: [1.234, 100] }],
  ["steps", { steps: ["1", 100] }],
  ["bakeMs", { bakeMs: -1 }],
  ["bakeMs", { bakeMs: Number.NaN }],
  ["guard", { guard: 1 }],
  ["guard.successDelta", { guard: { successDelta: 2 } }],
  ["guard.p99Ratio", { guard: { p99Ratio: 0.5 } }],
  ["guard.minRequests", { guard: { minRequests: 1.5 } }],
];
for (const [key, over] of refused) {
  test(`${JSON.stringify(over)} is refused for its ${key}`, () => {
    assert.throws(
      () => readPlan({ ...least, ...over }),
      (error) => error instanceof PlanError && error.key === key && error.message.startsWith(`\`${key}\` `),
    );
  });
}
