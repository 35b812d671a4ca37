import assert from "node:assert/strict";
import { test } from "node:test";
import type { TargetPlan } from "../../../src/bridge/mirror-plan.ts";
import type { MirrorStatus } from "../../../src/bridge/mirror-status.ts";
import { showPlan, showStatus, showWithdrawn } from "../../../src/cli/mirror-show.ts";
import { plainPaint } from "../../../src/config/problem-text.ts";

const endedAt = Date.UTC(2030, 0, 1);
const target = { target: "/users", entries: 0, held: [], leftOut: [] };
const orphans = [{ group: "users-old", entries: 3, endedAt }];

test("a plan and a state name what a group left whose lease is over, and when that was", () => {
  const targets: readonly TargetPlan[] = [{ ...target, writes: [], orphans }];
  const none = { create: 0, update: 0, delete: 0, held: 0, unreachable: 0, refused: 0, troubled: 0 };
  const plan = showPlan({ mirror: "users", targets, totals: none }, plainPaint);
  assert.match(plan, /! orphaned: 3 of users-old, whose lease ended 2030-01-01T00:00:00/);
  const status: MirrorStatus = {
    mirror: "users",
    group: "users",
    member: "m-1",
    role: "leading",
    source: "/users",
    target: "/users",
    totals: { ...none, targets: 1, entries: 0, forced: 0, dual: 0, conflicts: 0 },
    targets: [{ ...target, state: "agreed", conflicts: [], orphans }],
  };
  assert.match(
    showStatus([status], 0, endedAt, plainPaint),
    /users \/users: orphaned: 3 of users-old, whose lease ended 2030/,
  );
});

test("what was withdrawn is counted, and where a daemon leads that is said", () => {
  const write = { target: "/users", op: "remove", id: "i-1" } as const;
  const writes = [
    { ...write, outcome: "done" },
    { ...write, id: "i-2", outcome: "failed", cause: "500" },
  ] as const;
  assert.equal(
    showWithdrawn({ mirror: "users", writes }, plainPaint),
    "users\n  failed: i-2 at /users: 500\n  1 deleted\n",
  );
  assert.match(showWithdrawn({ mirror: "users", leader: "m-2", writes: [] }, plainPaint), /m-2 leads this mirror/);
});
