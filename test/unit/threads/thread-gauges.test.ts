/** Tests of what a thread shows of itself. */
import assert from "node:assert/strict";
import { performance } from "node:perf_hooks";
import { it } from "node:test";
import { getHeapStatistics } from "node:v8";
import { MetricsRegistry } from "../../../src/base/metrics-registry.ts";
import { Scope } from "../../../src/base/scope.ts";
import { gaugeThread } from "../../../src/threads/thread-gauges.ts";

const busyFor = (ms: number): void => {
  for (const end = performance.now() + ms; performance.now() < end;);
};

async function scene() {
  const registry = new MetricsRegistry();
  const scope = new Scope();
  gaugeThread("worker 0", registry, scope);
  const shown = (name: string): readonly number[] =>
    registry
      .families()
      .filter(({ spec }) => spec.name === name)
      .flatMap(({ series }) => series.map((each) => ("value" in each ? each.value : Number.NaN)));
  return { registry, scope, shown };
}

it("a thread is busy by the share of the time since it was asked last", async () => {
  const { scope, shown } = await scene();
  await using _ = { [Symbol.asyncDispose]: () => scope.close() };
  await new Promise((resolve) => setTimeout(resolve, 20));
  shown("linkspan_thread_busy_ratio");
  busyFor(20);
  const [atWork = 0] = shown("linkspan_thread_busy_ratio");
  assert.ok(atWork > 0.9 && atWork <= 1, `busy all the time, and ${atWork} was shown`);
  await new Promise((resolve) => setTimeout(resolve, 60));
  const [idle = 1] = shown("linkspan_thread_busy_ratio");
  assert.ok(idle < atWork, `idle, and ${idle} was shown`);
});

it("a thread shows what its heap takes, and may", async () => {
  const { scope, shown } = await scene();
  await using _ = { [Symbol.asyncDispose]: () => scope.close() };
  const [before = 0] = shown("linkspan_thread_heap_bytes");
  const held = Array.from({ length: 100_000 }, (_, at) => ({ at }));
  const [after = 0] = shown("linkspan_thread_heap_bytes");
  assert.ok(after - before > held.length * 8, `from ${before} to ${after}`);
  assert.deepEqual(shown("linkspan_thread_heap_limit_bytes"), [getHeapStatistics().heap_size_limit]);
});

it("what a thread shows goes with its owner", async () => {
  const { scope, registry } = await scene();
  assert.equal(registry.families().flatMap(({ series }) => series).length, 3);
  await scope.close();
  assert.equal(registry.families().flatMap(({ series }) => series).length, 0);
});
