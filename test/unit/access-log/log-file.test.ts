import assert from "node:assert/strict";
import { execFileSync } from "node:child_process";
import { mkdirSync, readdirSync, readFileSync, renameSync, rmSync, utimesSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { LogFile, type LogFileOptions } from "../../../src/access-log/log-file.ts";
import { FakeClock } from "../../../src/testing/index.ts";
import { tempFolder, type TempFolder } from "../../e2e/temp-folder.ts";

const options = { roll: { kind: "never" }, append: true, rotateCount: -1 } as const;

function logFile(folder: TempFolder, own: Partial<LogFileOptions> = {}, clock = new FakeClock(Date.now()), start = 0) {
  return new LogFile({ ...options, path: join(folder.path, "a.log"), ...own }, clock, start);
}

const read = (folder: TempFolder, name = "a.log"): string => readFileSync(join(folder.path, name), "utf8");
const bytes = (text: string): Uint8Array => Buffer.from(text);

test("lines are put at the end of what is there, by several at once", async () => {
  using folder = tempFolder({ "a.log": "before\n" });
  const files = [logFile(folder), logFile(folder), logFile(folder)];
  for (let round = 0; round < 20; round++) {
    await Promise.all(files.map((file, at) => file.append(bytes(`${at}${"x".repeat(5_000)}\n`.repeat(3)))));
  }
  await Promise.all(files.map((file) => file[Symbol.asyncDispose]()));
  const [first, ...lines] = read(folder).trimEnd().split("\n");
  assert.equal(first, "before");
  assert.equal(lines.length, 180);
  assert.ok(lines.every((line) => /^[012]x{5000}$/.test(line)));
});

test("with append off, what is older than the process is cleared, and what another thread wrote is not", async () => {
  using folder = tempFolder({ "a.log": "before\n" });
  utimesSync(join(folder.path, "a.log"), 1_000, 1_000);
  const start = Date.now() - 1_000;
  await using first = logFile(folder, { append: false }, new FakeClock(Date.now()), start);
  await using second = logFile(folder, { append: false }, new FakeClock(Date.now()), start);
  await first.append(bytes("one\n"));
  await second.append(bytes("two\n"));
  assert.equal(read(folder), "one\ntwo\n");
});

test("a file that somebody moved or removed is opened anew", async () => {
  using folder = tempFolder();
  await using file = logFile(folder);
  await file.append(bytes("one\n"));
  renameSync(join(folder.path, "a.log"), join(folder.path, "moved"));
  await file.append(bytes("two\n"));
  rmSync(join(folder.path, "a.log"));
  await file.append(bytes("three\n"));
  assert.deepEqual([read(folder, "moved"), read(folder)], ["one\n", "three\n"]);
});

test("a file is put aside when its hour is over, whoever wrote in it", async () => {
  using folder = tempFolder();
  const clock = new FakeClock(new Date(2026, 10, 27, 10, 59, 50).getTime());
  const roll = { kind: "hourly" } as const;
  await using one = logFile(folder, { roll }, clock);
  await using other = logFile(folder, { roll }, clock);
  await one.append(bytes("10 one\n"));
  utimesSync(join(folder.path, "a.log"), clock.wall() / 1_000, clock.wall() / 1_000);
  await other.append(bytes("10 other\n"));
  clock.advance(20_000);
  await Promise.all([one.append(bytes("11 one\n")), other.append(bytes("11 other\n"))]);
  await one.append(bytes("11 one again\n"));
  const names = readdirSync(folder.path).sort();
  assert.ok(names.includes("a-20261127-10.log"));
  const all = names.map((name) => read(folder, name)).join("");
  assert.deepEqual(all.trimEnd().split("\n").sort(), ["10 one", "10 other", "11 one", "11 one again", "11 other"]);
  assert.match(read(folder, "a-20261127-10.log"), /^10 one\n10 other\n/);
});

test("a file that is left from another day is put aside by the first line of this one", async () => {
  using folder = tempFolder({ "a.log": "old\n" });
  const old = new Date(2026, 10, 25, 12).getTime() / 1_000;
  utimesSync(join(folder.path, "a.log"), old, old);
  await using file = logFile(folder, { roll: { kind: "daily" } }, new FakeClock(new Date(2026, 10, 27).getTime()));
  await file.append(bytes("new\n"));
  assert.deepEqual([read(folder, "a-20261125.log"), read(folder)], ["old\n", "new\n"]);
});

test("a file that would grow too large is put aside, and no more are kept than is said", async () => {
  using folder = tempFolder();
  const clock = new FakeClock(new Date(2026, 10, 27, 10).getTime());
  await using file = logFile(folder, { roll: { kind: "size", bytes: 100 }, rotateCount: 2 }, clock);
  for (let at = 0; at < 6; at++) {
    await file.append(bytes(`${at}${"x".repeat(70)}\n`));
    clock.advance(1_000);
  }
  assert.deepEqual(readdirSync(folder.path).sort(), ["a-20261127-100004.log", "a-20261127-100005.log", "a.log"]);
  assert.match(read(folder), /^5x+\n$/);
});

test("what cannot be opened is an error each time, until it can", async () => {
  using folder = tempFolder();
  await using file = logFile(folder, { path: join(folder.path, "no/a.log") });
  await assert.rejects(file.append(bytes("one\n")), /ENOENT/);
  mkdirSync(join(folder.path, "no"));
  await file.append(bytes("two\n"));
  assert.equal(read(folder, "no/a.log"), "two\n");
});

test("a file that cannot be put aside is written on, and it is said why", async () => {
  using folder = tempFolder();
  const clock = new FakeClock(new Date(2026, 10, 27, 10).getTime());
  // No name is longer than 255 bytes, and the one for what is put aside would be.
  const path = join(folder.path, `${"x".repeat(250)}.log`);
  await using file = logFile(folder, { path, roll: { kind: "size", bytes: 10 } }, clock);
  assert.equal(await file.append(bytes("one two\n")), undefined);
  assert.match((await file.append(bytes("three\n")))?.message ?? "", /ENAMETOOLONG/);
  assert.equal(readFileSync(path, "utf8"), "one two\nthree\n");
});

test("a disk that is full is an error, and nobody waits for the reader of a pipe", async () => {
  using folder = tempFolder();
  await using full = logFile(folder, { path: "/dev/full", roll: { kind: "size", bytes: 1 } });
  await assert.rejects(full.append(bytes("one\n")), /ENOSPC/);
  execFileSync("mkfifo", [join(folder.path, "pipe")]);
  await using pipe = logFile(folder, { path: join(folder.path, "pipe") });
  await assert.rejects(pipe.append(bytes("one\n")), /ENXIO/);
});
