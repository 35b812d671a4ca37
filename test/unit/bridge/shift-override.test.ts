import assert from "node:assert/strict";
import { writeFileSync } from "node:fs";
import { test } from "node:test";
import { readOverrides, type Overrides } from "../../../src/bridge/shift-override.ts";
import { OverrideFile } from "../../../src/bridge/shift-override-file.ts";
import { systemClock } from "../../../src/base/time.ts";
import { eventually } from "../../../src/testing/eventually.ts";
import { RecordingLog } from "../../../src/testing/recording-log.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";

test("a line a shift: back, either side, or weights", async () => {
  const read = await readOverrides("o.yaml", "users: rollback\ncarts: {from: 50, to: 50}\norders: to\n");
  assert.deepEqual(
    [...read],
    [
      ["users", { from: 100, to: 0 }],
      ["carts", { from: 50, to: 50 }],
      ["orders", { from: 0, to: 100 }],
    ],
  );
  assert.equal((await readOverrides("o.yaml", "# nothing\n")).size, 0);
});

for (const text of [
  "users: back\n",
  "users: {from: 0, to: 0}\n",
  "users: {from: -1, to: 1}\n",
  "- users\n",
  "users: [\n",
]) {
  test(`${JSON.stringify(text)} is refused`, async () => {
    await assert.rejects(readOverrides("o.yaml", text));
  });
}

test("the file is followed, a mistake in it changes nothing, and without it nothing is overridden", async () => {
  using folder = tempFolder();
  const file = `${folder.path}/override.yaml`;
  const log = new RecordingLog();
  const told: Overrides[] = [];
  using followed = await OverrideFile.open({ file, clock: systemClock, log, changed: (each) => told.push(each) });
  assert.equal(told.length, 0);
  writeFileSync(file, "users: rollback\n");
  await eventually("it is read", () => told.at(-1)?.get("users")?.from === 100);
  writeFileSync(file, "users: nonsense\n");
  await eventually("the mistake is told", () => log.told("override.refused").length === 1);
  assert.match(followed.problem ?? "", /users is neither/);
  assert.equal(told.length, 1);
  writeFileSync(file, "");
  await eventually("nothing is overridden", () => told.at(-1)?.size === 0);
  assert.equal(followed.problem, undefined);
});
