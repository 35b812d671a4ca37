import assert from "node:assert/strict";
import { readFileSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { ChangeLog, readChanges, removeChanges } from "../../../src/snapshot/change-log.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";

const SUM = "a".repeat(64);

test("what is added is read in its order, after the snapshot that it belongs to, and after no other", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "snapshot");
  assert.equal(await readChanges(file, SUM), undefined);
  await using log = await ChangeLog.create(file, SUM);
  assert.deepEqual((await readChanges(file, SUM))?.lines, []);
  await log.add(["one\n", "zwölf ☃\n"]);
  await log.add([]);
  await log.add(["three\n"]);
  const { lines, isWhole } = (await readChanges(file, SUM)) ?? {};
  assert.deepEqual([lines, isWhole], [["one", "zwölf ☃", "three"], true]);
  assert.equal(await readChanges(file, "b".repeat(64)), undefined);
  await removeChanges(file);
  await removeChanges(file);
  assert.equal(await readChanges(file, SUM), undefined);
});

test("wherever it is cut, and whichever byte of it is another, no piece is read but whole ones before that", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "snapshot");
  await using log = await ChangeLog.create(file, SUM);
  await log.add(["one\n"]);
  await log.add(["two\n", "three\n"]);
  const path = `${file}.changes`;
  const good = readFileSync(path);
  const allowed = [[], ["one"], ["one", "two", "three"]].map((lines) => JSON.stringify(lines));
  for (let at = 0; at < good.length; at++) {
    writeFileSync(path, good.subarray(0, at));
    const cut = await readChanges(file, SUM);
    assert.ok(cut === undefined || allowed.includes(JSON.stringify(cut.lines)), `cut at ${at}`);
    // The end of the last line says nothing.
    assert.ok(cut === undefined || cut.lines.length < 3 || at === good.length - 1, `cut at ${at}`);
    const other = Buffer.from(good);
    other[at] = (other[at] ?? 0) ^ 1;
    writeFileSync(path, other);
    const read = await readChanges(file, SUM);
    assert.ok(read === undefined || !read.isWhole, `another byte at ${at}`);
    assert.ok(read === undefined || allowed.slice(0, 2).includes(JSON.stringify(read.lines)), `another byte at ${at}`);
  }
});

test("who made one adds to no other that took its place", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "snapshot");
  await using mine = await ChangeLog.create(file, SUM);
  await using theirs = await ChangeLog.create(file, SUM);
  await mine.add(["mine\n"]);
  await theirs.add(["theirs\n"]);
  assert.deepEqual((await readChanges(file, SUM))?.lines, ["theirs"]);
});
