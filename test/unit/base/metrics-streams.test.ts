import assert from "node:assert/strict";
import { test } from "node:test";
import type { MetricSpec } from "../../../src/base/metrics.ts";
import { familiesOf, joined, mapped } from "../../../src/base/metrics-streams.ts";

const spec = (name: string): MetricSpec => ({ name, type: "counter", help: "", labels: ["n"] });
const numbers = (...values: readonly number[]) => mapped(values, (value) => ({ labels: { n: `${value}` }, value }));

test("what several have of one metric is one family, and families come by name, without those that have nothing", () => {
  const streams = joined([
    { spec: spec("b"), series: numbers(1) },
    { spec: spec("c"), series: numbers() },
    { spec: spec("a"), series: numbers(2) },
    { spec: spec("b"), series: numbers(3, 4) },
  ]);
  const read = () =>
    familiesOf(streams).map(({ spec: { name }, series }) => [name, series.map(({ labels }) => labels["n"])]);
  const all = [
    ["a", ["2"]],
    ["b", ["1", "3", "4"]],
  ];
  assert.deepEqual(read(), all);
  // As often as it is read.
  assert.deepEqual(read(), all);
});

test("a series is made when it is read, of what is there then", () => {
  const items = new Set([1]);
  const made: number[] = [];
  const series = mapped(items, (item) => (made.push(item), item * 2));
  assert.deepEqual(made, []);
  items.add(2);
  assert.deepEqual([...series], [2, 4]);
  assert.deepEqual(made, [1, 2]);
});
