/** The playground's tree: what is open, many children a page at a time, and where the keys lead. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { problemIn } from "../../../src/admin/dashboard/dtab-problem.ts";
import { freshView, moveOf, opened, PAGE, rowsOf, withMore } from "../../../src/admin/dashboard/tree-rows.ts";
import type { ExplainedStep } from "../../../src/naming/explained-steps.ts";

const end = (path: string, taken: boolean): ExplainedStep => ({ kind: "neg", path, taken });
const root: ExplainedStep = {
  kind: "alt",
  path: "/a",
  taken: true,
  next: [
    { kind: "delegate", path: "/no", taken: false, next: [end("/no/way", false)] },
    { kind: "delegate", path: "/yes", taken: true, next: [end("/yes/there", true)] },
  ],
};
const paths = (view = freshView): readonly string[] =>
  rowsOf(root, view).map((row) => (row.kind === "step" ? row.step.path : "more"));

test("ways that are taken are open at first, and others when somebody opens them", () => {
  assert.deepEqual(paths(), ["/a", "/no", "/yes", "/yes/there"]);
  assert.deepEqual(paths(opened(freshView, "0.0", true)), ["/a", "/no", "/no/way", "/yes", "/yes/there"]);
  assert.deepEqual(paths(opened(freshView, "0", false)), ["/a"]);
});

test("of many children a page is shown, and another when it is asked for", () => {
  const many: ExplainedStep = {
    kind: "alt",
    path: "/a",
    taken: true,
    next: Array.from({ length: 2 * PAGE + 5 }, (_, at) => end(`/${at}`, false)),
  };
  const first = rowsOf(many, freshView);
  assert.equal(first.length, 1 + PAGE + 1);
  const more = first.at(-1);
  assert.deepEqual(more?.kind === "more" && [more.shown, more.total], [PAGE, 2 * PAGE + 5]);
  const second = withMore(freshView, more?.key ?? "");
  assert.equal(rowsOf(many, second).length, 1 + 2 * PAGE + 1);
  assert.equal(rowsOf(many, withMore(second, more?.key ?? "")).length, 1 + 2 * PAGE + 5);
});

test("keys walk rows, open and close them, and lead from a row to the one above it", () => {
  const rows = rowsOf(root, freshView);
  assert.deepEqual(moveOf("ArrowDown", rows, 0), { focus: 1 });
  assert.deepEqual(moveOf("ArrowDown", rows, 3), { focus: 3 });
  assert.deepEqual(moveOf("ArrowUp", rows, 0), { focus: 0 });
  assert.deepEqual(moveOf("End", rows, 0), { focus: 3 });
  assert.deepEqual(moveOf("Home", rows, 3), { focus: 0 });
  assert.deepEqual(moveOf("ArrowRight", rows, 1), { toggle: true });
  assert.deepEqual(moveOf("ArrowRight", rows, 2), { focus: 3 });
  assert.equal(moveOf("ArrowRight", rows, 3), undefined);
  assert.deepEqual(moveOf("ArrowLeft", rows, 3), { focus: 2 });
  assert.deepEqual(moveOf("ArrowLeft", rows, 2), { toggle: false });
  assert.deepEqual(moveOf("ArrowLeft", rows, 1), { focus: 0 });
  assert.equal(moveOf("x", rows, 1), undefined);
});

test("a mistake in a dtab has its line and column, and one at its end too", () => {
  assert.equal(problemIn("/a => /b ;\n/c => /d"), undefined);
  assert.deepEqual(problemIn("/a => /b ;\n/c => | ;"), {
    message: "simple expected but '|' found",
    offset: 17,
    line: 2,
    column: 7,
  });
  assert.match(problemIn("/a =>")?.message ?? "", /but the end found/);
});
