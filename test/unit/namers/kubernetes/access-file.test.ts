/** Small files that others replace. */
import assert from "node:assert/strict";
import { rmSync } from "node:fs";
import { test } from "node:test";
import { FreshFile, readBounded } from "../../../../namers/kubernetes/access-file.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { tempFolder } from "../../../e2e/temp-folder.ts";

test("a file is read again when what was read is old enough, or was declared to be", async () => {
  using folder = tempFolder({ token: "one" });
  const clock = new FakeClock();
  const file = new FreshFile(`${folder.path}/token`, 60_000, { clock, log: new RecordingLog() });
  assert.equal(await file.text(), "one");
  folder.write("token", "two");
  clock.advance(59_999);
  assert.equal(await file.text(), "one");
  clock.advance(1);
  assert.equal(await file.text(), "two");
  folder.write("token", "three");
  file.expire();
  assert.equal(await file.text(), "three");
});

test("what was read stays while the file cannot be read, which is told once", async () => {
  using folder = tempFolder({ token: "one" });
  const clock = new FakeClock();
  const log = new RecordingLog();
  const file = new FreshFile(`${folder.path}/token`, 1_000, { clock, log });
  await file.text();
  rmSync(file.path);
  for (let times = 0; times < 3; times++) {
    clock.advance(1_000);
    assert.equal(await file.text(), "one");
  }
  assert.deepEqual(
    log.lines.map(({ event, fields }) => [event, fields["cause"]]),
    [["kubernetes.kept", `cannot read ${file.path}: there is no such file`]],
  );
  folder.write("token", "two");
  clock.advance(1_000);
  assert.equal(await file.text(), "two");
});

test("a file that was never there is an error, which names it", async () => {
  using folder = tempFolder({ big: "x".repeat(4 * 1024 * 1024 + 1) });
  const path = `${folder.path}/token`;
  await assert.rejects(readBounded(path), { message: `cannot read ${path}: there is no such file`, code: "ENOENT" });
  await assert.rejects(readBounded(folder.path), { message: `cannot read ${folder.path}: it is a directory` });
  await assert.rejects(readBounded(`${folder.path}/big`), /it has 4194305 bytes; at most 4194304 are read/);
});
