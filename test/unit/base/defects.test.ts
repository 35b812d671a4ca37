/** How a defect is told. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { bugsTo } from "../../../src/base/defects.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";

test("a defect is told with its stack, or with what there is in its place", () => {
  const log = new RecordingLog();
  const bug = bugsTo(log);
  const bare = new Error("no stack");
  delete bare.stack;
  for (const error of [new TypeError("thrown"), bare, "a text"]) bug(error);
  const told = log.lines.map(({ level, event, fields }) => [level, event, String(fields["error"]).split("\n")[0]]);
  assert.deepEqual(told, [
    ["error", "bug", "TypeError: thrown"],
    ["error", "bug", "no stack"],
    ["error", "bug", "a text"],
  ]);
});
