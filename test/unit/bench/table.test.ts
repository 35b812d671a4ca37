import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Latencies } from "../../bench/load/outcome.ts";
import type { Found, Sample } from "../../bench/run.ts";
import { columns, markdown, tableOf } from "../../bench/table.ts";

const sample = (cpuMicros: number): Sample => ({ cpuMicros, rssMb: cpuMicros, done: 300, failed: 0, seconds: 3 });
const took = (ms: number, lateP99Ms = 1): Latencies => {
  return { perSecond: 1_000, done: 1, failed: 0, p50Ms: ms, p99Ms: 2 * ms, p999Ms: 3 * ms, lateP99Ms };
};
const found = (name: string, cpu: readonly number[], atThousand?: Latencies): Found => {
  return { name, samples: cpu.map(sample), atThousand, atHalf: undefined, isBounded: false, extra: {} };
};

function cell(all: readonly Found[], name: string, head: string): string | undefined {
  const { heads, rows } = tableOf("t", "request", all);
  return rows.find(([first]) => first === name)?.[heads.indexOf(head)];
}

describe("a table of the bench", () => {
  const all = [
    found("direct", [], took(0.1)),
    found("haproxy", [10, 30, 20], took(0.3)),
    found("linkspan", [25, 30, 35], took(0.4)),
    found("envoy", [60], took(0.5)),
  ];

  it("has the median with the least and the most, and its ratio to two of the peers", () => {
    assert.equal(cell(all, "haproxy", "us/request"), "20.0");
    assert.equal(cell(all, "haproxy", "min-max"), "10.0-30.0");
    assert.equal(cell(all, "linkspan", "x HAProxy"), "1.50");
    assert.equal(cell(all, "linkspan", "x Envoy"), "0.50");
  });

  it("has the most memory of all rounds, and requests a second", () => {
    assert.equal(cell(all, "linkspan", "RSS MB"), "35");
    assert.equal(cell(all, "linkspan", "requests/s"), "100");
  });

  it("says what each adds to the direct call", () => {
    assert.equal(cell(all, "linkspan", "1k +p50"), "0.30");
    assert.equal(cell(all, "linkspan", "1k +p99"), "0.60");
    assert.equal(cell(all, "direct", "1k +p99"), "");
  });

  it("marks latencies of a generator that was late", () => {
    const late = [found("haproxy", [10], took(0.3, 20))];
    assert.equal(cell(late, "haproxy", "1k p50"), "0.30!");
  });

  it("says where the generator did no more, and the rate is less than half", () => {
    const half = { ...found("haproxy", [10]), atHalf: took(0.3) };
    assert.equal(cell([half], "haproxy", "half rate"), "1000");
    assert.equal(cell([{ ...half, isBounded: true }], "haproxy", "half rate"), "<1000");
  });

  it("has no column that is empty in every row", () => {
    const { heads } = tableOf("t", "request", [found("linkspan", [10])]);
    assert.deepEqual(heads, ["proxy", "us/request", "min-max", "RSS MB", "requests/s", "failed"]);
  });

  it("is written in columns, or as Markdown", () => {
    const table = { title: "T", heads: ["proxy", "us"], rows: [["haproxy", "1.0"]] };
    assert.equal(columns(table), "T\nproxy     us\nhaproxy  1.0");
    assert.equal(markdown(table), "### T\n\n| proxy | us |\n| --- | --- |\n| haproxy | 1.0 |");
  });
});
