import assert from "node:assert/strict";
import { test } from "node:test";
import { type MirrorDesk, mirrorsOf } from "../../../src/admin/mirror-routes.ts";
import type { MirrorStatus, TargetStatus } from "../../../src/bridge/mirror-status.ts";

const target = (name: string, state: TargetStatus["state"] = "agreed"): TargetStatus => ({
  source: `/src${name}`,
  target: name,
  state,
  entries: 1,
  held: [],
  leftOut: [],
  conflicts: [],
});

const status = (mirror: string, targets: readonly TargetStatus[]): MirrorStatus => ({
  mirror,
  group: mirror,
  member: "one",
  role: "leading",
  source: "/*",
  target: "/",
  totals: {
    targets: 1,
    entries: 1,
    held: 0,
    unreachable: 0,
    forced: 0,
    dual: 0,
    conflicts: 0,
    refused: 0,
    troubled: 0,
  },
  targets,
});

const desk: MirrorDesk = {
  status: () => [
    status("first", [target("/a"), target("/b", "held"), target("/c")]),
    status("second", [target("/d"), target("/b2")]),
  ],
  approve: () => undefined,
};

const shown = (more: Partial<Parameters<typeof mirrorsOf>[1]>) => {
  const answer = mirrorsOf(desk, { search: "", states: new Set(), page: 0, pageSize: 50, ...more });
  return [answer.mirrors.map(({ targets }) => targets.map((each) => each.target).join()).join(" | "), answer.left];
};

test("targets are paged over all mirrors, which themselves are always there", () => {
  assert.deepEqual(shown({}), ["/a,/b,/c | /d,/b2", 0]);
  assert.deepEqual(shown({ pageSize: 2 }), ["/a,/b | ", 3]);
  assert.deepEqual(shown({ pageSize: 2, page: 1 }), ["/c | /d", 1]);
  assert.deepEqual(shown({ pageSize: 2, page: 2 }), [" | /b2", 0]);
});

test("targets are found by their name, their source's, their mirror's, and by state", () => {
  assert.deepEqual(shown({ search: "/B" }), ["/b | /b2", 0]);
  assert.deepEqual(shown({ search: "second" }), [" | /d,/b2", 0]);
  assert.deepEqual(shown({ search: "src/a" }), ["/a | ", 0]);
  assert.deepEqual(shown({ states: new Set(["held"]) }), ["/b | ", 0]);
});
