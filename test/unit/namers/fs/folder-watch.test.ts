import assert from "node:assert/strict";
import { mkdir, mkdtemp, rename, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { afterEach, beforeEach, test } from "node:test";
import { FolderWatches } from "../../../../namers/fs/folder-watch.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";

let home = "";
let clock: CountingClock;
let watches: FolderWatches;

beforeEach(async () => {
  home = await mkdtemp(join(tmpdir(), "linkspan-folder-"));
  clock = new CountingClock();
  watches = new FolderWatches(clock, { gatherMs: 10, pollMs: 60_000, brokenPollMs: 20 });
});
afterEach(() => rm(home, { recursive: true }));

/** Listens to `folder`, and counts; ready when the first look is over. */
async function counting(folder: string) {
  let count = 0;
  const listening = watches.listen(folder, () => void count++);
  await eventually("the first look", () => count > 0);
  return { count: () => count, [Symbol.dispose]: () => listening[Symbol.dispose]() };
}

test("a change of a file is noticed without the poll", async () => {
  using listener = await counting(home);
  const before = listener.count();
  await writeFile(join(home, "a"), "1");
  await eventually("noticed", () => listener.count() > before);
});

test("many changes at once are few notices", async () => {
  using listener = await counting(home);
  const before = listener.count();
  for (let n = 0; n < 200; n++) await writeFile(join(home, `f-${n}`), "");
  await eventually("noticed", () => listener.count() > before);
  await quietFor(50);
  assert.ok(listener.count() - before < 100);
});

test("a folder that another one replaces is watched on", async () => {
  const folder = join(home, "disco");
  await mkdir(folder);
  using listener = await counting(folder);
  await mkdir(join(home, "next"));
  await rename(folder, join(home, "old"));
  await rename(join(home, "next"), folder);
  await quietFor(100);
  const before = listener.count();
  await writeFile(join(folder, "a"), "1");
  await eventually("noticed in the new folder", () => listener.count() > before);
});

test("a folder that appears later is watched from then on", async () => {
  const folder = join(home, "later");
  let count = 0;
  const listening = watches.listen(folder, () => void count++);
  await mkdir(folder);
  await quietFor(100);
  const before = count;
  await writeFile(join(folder, "a"), "1");
  await eventually("noticed", () => count > before);
  listening[Symbol.dispose]();
});

test("two listeners share a watch, and the last one ends it with its timers", async () => {
  const first = watches.listen(home, () => undefined);
  const second = watches.listen(home, () => undefined);
  assert.equal(watches.size, 1);
  first[Symbol.dispose]();
  assert.equal(watches.size, 1);
  second[Symbol.dispose]();
  assert.equal(watches.size, 0);
  await quietFor(50);
  assert.equal(clock.waiting, 0);
});
