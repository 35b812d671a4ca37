// The demo `ewma`, twice as fast as it is told, on real sockets and with seeded chance: what each way of choosing
// an instance is worth when one of them turns slow.
import assert from "node:assert/strict";
import { spawn } from "node:child_process";
import { once } from "node:events";
import { test } from "node:test";
import { ewma } from "../../scripts/demo/ewma.ts";
import { play } from "../../scripts/demo/run-demo.ts";
import type { DemoReport, LaneReport } from "../../scripts/demo/demo.ts";

const root = new URL("../../", import.meta.url).pathname;

function within(lane: LaneReport | undefined, least: number, most: number): void {
  const percent = lane?.successPercent ?? Number.NaN;
  assert.ok(percent >= least && percent <= most, `${lane?.lane}: ${percent.toFixed(2)} %, not ${least} to ${most} %`);
}

/** Backends that answer in 10 ms do so here, too; else it is the machine that makes all of them look slow now and then. */
const isCalm = ({ lanes }: DemoReport): boolean => lanes.every(({ late }) => late === 0) && (lanes[2]?.p95Ms ?? 0) < 60;

/** Played again while the machine is busy, three times at most. */
async function calmly(): Promise<DemoReport> {
  for (let plays = 1; ; plays++) {
    const report = await play(ewma, { seconds: 30, seed: 1 });
    if (isCalm(report) || plays === 3) return report;
  }
}

test("with one slow backend of ten round robin fails a tenth, least loaded a hundredth, and Peak EWMA next to nothing", async () => {
  const report = await calmly();
  const { lanes } = report;
  const [turns, least, peak] = lanes;
  for (const { requests } of lanes) assert.equal(requests, 3_000);
  within(turns, 94.5, 95.2);
  within(least, 98.7, 99.7);
  within(peak, isCalm(report) ? 99.9 : 99.7, 100);
  for (const { attemptsPerRequest } of lanes) assert.ok(Math.abs(attemptsPerRequest - 1) < 0.01);
  assert.ok((peak?.p95Ms ?? Infinity) < (turns?.worstMs ?? 0) / 2);
});

/** What the command prints, and its exit code. */
async function run(...args: readonly string[]) {
  const child = spawn(process.execPath, ["--conditions=source", "scripts/demo.ts", ...args], { cwd: root });
  let out = "";
  let err = "";
  child.stdout.on("data", (bytes: Buffer) => (out += bytes.toString()));
  child.stderr.on("data", (bytes: Buffer) => (err += bytes.toString()));
  const [code] = (await once(child, "close")) as [number | null];
  return { out, err, code };
}

test("the command shows a table at the end where nobody can see it live, and data where it is asked for", async () => {
  const [shown, data] = [await run("ewma", "--seconds", "10"), await run("ewma", "--seconds", "10", "--json")];
  assert.equal(shown.code, 0);
  assert.match(shown.out, /^ewma: Ten backends answer in 10 ms;/);
  assert.match(
    shown.out,
    /\n {2,}requests +success +p50 +p95 +p99 +worst +attempts +failures over time\nround robin +3000 /,
  );
  assert.ok(!shown.out.includes("\u001B"));
  const report = JSON.parse(data.out) as { readonly demo: string; readonly lanes: readonly LaneReport[] };
  assert.equal(report.demo, "ewma");
  assert.deepEqual(
    report.lanes.map(({ lane, requests }) => [lane, requests]),
    [
      ["round robin", 3_000],
      ["least loaded", 3_000],
      ["Peak EWMA", 3_000],
    ],
  );
});

test("the command says what it takes, and what is wrong with what it was given", async () => {
  const help = await run("--help");
  assert.deepEqual([help.code, help.err], [0, ""]);
  assert.match(help.out, /--seconds N[\s\S]*--json/);
  for (const [args, why] of [
    [["ewna"], "there is no demo `ewna`"],
    [[], "say which demo"],
    [["ewma", "--seconds", "0"], "--seconds is a number from 1 to 3600"],
    [["ewma", "--seed", "x"], "--seed is a whole number"],
    [["ewma", "--what"], "Unknown option '--what'"],
  ] as const) {
    const refused = await run(...args);
    assert.equal(refused.code, 2);
    assert.ok(refused.err.startsWith(why), refused.err);
  }
});
