import assert from "node:assert/strict";
import { chmodSync, mkdirSync, readdirSync, readFileSync, statSync, utimesSync, writeFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { readSnapshot, removeUnfinished, SnapshotRefused, writeSnapshot } from "../../../src/snapshot/snapshot-file.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";

const refused = (cause: RegExp) => (error: unknown) => error instanceof SnapshotRefused && cause.test(error.message);

test("what is written is read, in a folder that is made, by nobody else", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "state/snapshot");
  assert.equal(await readSnapshot(file), undefined);
  const { left } = await writeSnapshot(file, ["one\n", "zwölf ☃\n"]);
  assert.equal(left, 0);
  assert.deepEqual((await readSnapshot(file))?.lines, ["one", "zwölf ☃"]);
  assert.equal(statSync(file).mode & 0o777, 0o600);
  assert.deepEqual(readdirSync(join(folder.path, "state")), ["snapshot"]);
});

test("an empty one is read, too", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "snapshot");
  await writeSnapshot(file, []);
  assert.deepEqual((await readSnapshot(file))?.lines, []);
});

test("it is refused wherever it is cut, and whichever byte of it is another", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "snapshot");
  await writeSnapshot(file, ["names\t/n\t/users\t\t[]\n"]);
  const good = readFileSync(file);
  for (let at = 0; at < good.length; at++) {
    writeFileSync(file, good.subarray(0, at));
    await assert.rejects(readSnapshot(file), SnapshotRefused, `cut at ${at}`);
    const other = Buffer.from(good);
    other[at] = (other[at] ?? 0) ^ 1;
    writeFileSync(file, other);
    await assert.rejects(readSnapshot(file), SnapshotRefused, `another byte at ${at}`);
  }
});

test("another version, and what is no snapshot, say so", async () => {
  using folder = tempFolder({ old: "linkspan snapshot 0\nsha256 0\n", other: "hello\n" });
  await assert.rejects(readSnapshot(join(folder.path, "old")), refused(/version 0, and 1 is read/));
  await assert.rejects(readSnapshot(join(folder.path, "other")), refused(/does not begin/));
  mkdirSync(join(folder.path, "folder"));
  await assert.rejects(readSnapshot(join(folder.path, "folder")), refused(/not a file/));
});

test("one that cannot be written leaves the one before as it was, and nothing beside it", async () => {
  using folder = tempFolder();
  const file = join(folder.path, "snapshot");
  await writeSnapshot(file, ["good\n"]);
  function* failing(): Generator<string> {
    yield "better\n";
    throw new Error("no more");
  }
  await assert.rejects(writeSnapshot(file, failing()), /no more/);
  assert.deepEqual((await readSnapshot(file))?.lines, ["good"]);
  assert.deepEqual(readdirSync(folder.path), ["snapshot"]);
});

test("what died while it was written is removed once it is old, and nothing else", async () => {
  using folder = tempFolder({ "snapshot.1.tmp": "", "snapshot.2.tmp": "", "other.3.tmp": "", snapshot: "" });
  chmodSync(join(folder.path, "snapshot"), 0o600);
  utimesSync(join(folder.path, "snapshot.1.tmp"), 1, 1);
  utimesSync(join(folder.path, "other.3.tmp"), 1, 1);
  await removeUnfinished(join(folder.path, "snapshot"), Date.now());
  assert.deepEqual(readdirSync(folder.path).sort(), ["other.3.tmp", "snapshot", "snapshot.2.tmp"]);
});

test("other work goes on while a large one is written", async () => {
  using folder = tempFolder();
  const line = `${"x".repeat(1_000)}\n`;
  let [inTurn, most] = [0, 0];
  function* many(): Generator<string> {
    for (let at = 0; at < 20_000; at++) {
      if (inTurn++ === 0) setImmediate(() => (inTurn = 0));
      most = Math.max(most, inTurn);
      yield line;
    }
  }
  const { bytes } = await writeSnapshot(join(folder.path, "snapshot"), many());
  assert.ok(bytes > 20_000_000);
  assert.ok(most < 600, `${most} lines in one turn`);
});
