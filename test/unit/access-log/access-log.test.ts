import assert from "node:assert/strict";
import { mkdirSync, readFileSync } from "node:fs";
import { join } from "node:path";
import { test } from "node:test";
import { AccessLog } from "../../../src/access-log/access-log.ts";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { Scope } from "../../../src/base/scope.ts";
import { eventually, FakeClock, RecordingLog } from "../../../src/testing/index.ts";
import { tempFolder } from "../../e2e/temp-folder.ts";

function open(path: string) {
  const clock = new FakeClock();
  const log = new RecordingLog();
  const metrics = new MetricsRegistry();
  const labels = { router: "http", server: "127.0.0.1/4140" };
  const file = { path, roll: { kind: "never" }, append: true, rotateCount: -1 } as const;
  const bugs: unknown[] = [];
  const bug = (error: unknown): void => void bugs.push(error);
  const lines = new AccessLog({ file, labels, clock, log, metrics, processStart: 0, bug }, new Scope());
  const lost = (): number => {
    const [family] = metrics.families();
    const [series] = family?.series ?? [];
    return series !== undefined && "value" in series ? series.value : -1;
  };
  return { lines, clock, log, lost, bugs, [Symbol.asyncDispose]: () => lines[Symbol.asyncDispose]() };
}

const read = (path: string): string => readFileSync(path, { encoding: "utf8", flag: "a+" });

test("lines are in the file a moment after they were written, all in one go", async () => {
  using folder = tempFolder();
  const path = join(folder.path, "a.log");
  await using site = open(path);
  site.lines.write("one\n");
  site.lines.write("two\n");
  assert.equal(site.clock.nextIn, 200);
  assert.equal(site.clock.waiting, 1, "one timer for all lines");
  site.clock.advance(200);
  await eventually("the lines are there", () => read(path) === "one\ntwo\n");
  site.lines.write("three\n");
  await eventually("it waits again", () => site.clock.waiting === 1);
  site.clock.advance(200);
  await eventually("the third is there", () => read(path) === "one\ntwo\nthree\n");
  assert.deepEqual([site.lost(), site.log.lines, site.bugs], [0, [], []]);
});

test("the end waits for the last lines", async () => {
  using folder = tempFolder();
  const path = join(folder.path, "a.log");
  {
    await using site = open(path);
    site.lines.write("one\n");
    site.clock.advance(200);
    site.lines.write("two\n");
  }
  assert.equal(read(path), "one\ntwo\n");
});

test("many lines do not wait for the time", async () => {
  using folder = tempFolder();
  const path = join(folder.path, "a.log");
  await using site = open(path);
  const line = `${"x".repeat(999)}\n`;
  for (let at = 0; at < 140; at++) site.lines.write(line);
  await eventually("they are there", () => read(path).length >= 132_000);
  assert.equal(site.lost(), 0);
});

test("a disk that does not keep up loses lines, which are counted, and never more than two pieces of memory", async () => {
  using folder = tempFolder();
  const path = join(folder.path, "a.log");
  const site = open(path);
  const line = `${"x".repeat(999)}\n`;
  // No turn of the event loop between them: nothing can be written meanwhile.
  for (let at = 0; at < 1_000; at++) site.lines.write(line);
  assert.ok(site.lost() > 400 && site.lost() < 700, String(site.lost()));
  await site[Symbol.asyncDispose]();
  assert.equal(read(path).length / 1_000 + site.lost(), 1_000);
});

test("a file that cannot be written is told once and counted, and told again when it can", async () => {
  using folder = tempFolder();
  const path = join(folder.path, "no/a.log");
  await using site = open(path);
  for (let at = 1; at <= 3; at++) {
    site.lines.write("lost\n");
    await eventually("it waits", () => site.clock.waiting === 1);
    site.clock.advance(1_000);
    await eventually("it was tried", () => site.lost() === at);
  }
  const [told, ...more] = site.log.told("accesslog.failed");
  assert.deepEqual(more, []);
  assert.match(String(told?.fields["cause"]), /ENOENT/);
  assert.equal(told?.fields["path"], path);
  mkdirSync(join(folder.path, "no"));
  site.lines.write("kept\n");
  await eventually("it waits", () => site.clock.waiting === 1);
  site.clock.advance(1_000);
  await eventually("it is there", () => read(path) === "kept\n");
  assert.equal(site.log.told("accesslog.recovered").length, 1);
});
