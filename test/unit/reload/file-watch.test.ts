import assert from "node:assert/strict";
import { renameSync, rmSync, symlinkSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { FileWatch } from "../../../src/reload/file-watch.ts";
import { eventually, FakeClock } from "../../../src/testing/index.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";

/** One look of the watch, which reads the disk meanwhile. */
async function look(clock: FakeClock): Promise<void> {
  await eventually("the next look is planned", () => clock.waiting === 1);
  clock.advance(1_000);
}

async function told(change: (folder: string) => void, looks: number): Promise<number> {
  using folder = tempFolder({ "a/file": "one", "b/file": "another" });
  symlinkSync("a", join(folder.path, "now"));
  const clock = new FakeClock();
  let changes = 0;
  using _ = new FileWatch(join(folder.path, "now/file"), clock, () => changes++);
  await look(clock);
  await eventually("the look is over", () => clock.waiting === 1);
  change(folder.path);
  for (let at = 0; at < looks; at++) await look(clock);
  await eventually("the last look is over", () => clock.waiting === 1);
  return changes;
}

test("a change is told once, when it has been the same for two looks", async () => {
  const write = (folder: string): void => writeFileSync(join(folder, "a/file"), "another one");
  assert.equal(await told(write, 1), 0);
  assert.equal(await told(write, 2), 1);
  assert.equal(await told(write, 4), 1);
});

test("a file that takes the place of another, and a link that leads elsewhere, are changes", async () => {
  assert.equal(await told((folder) => renameSync(join(folder, "b/file"), join(folder, "a/file")), 3), 1);
  const swap = (folder: string): void => {
    symlinkSync("b", join(folder, "next"));
    renameSync(join(folder, "next"), join(folder, "now"));
  };
  assert.equal(await told(swap, 3), 1);
});

test("a file that is gone is no change", async () => {
  assert.equal(await told((folder) => rmSync(join(folder, "a/file")), 3), 0);
});
