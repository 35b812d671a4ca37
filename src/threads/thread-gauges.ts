/** What the metrics show of a thread itself: whether it has time left, and what its heap takes. */
import { performance } from "node:perf_hooks";
import { getHeapStatistics } from "node:v8";
import type { Metrics, MetricSpec } from "../base/metrics.ts";
import type { Scope } from "../base/scope.ts";

const BUSY: MetricSpec = {
  name: "linkspan_thread_busy_ratio",
  type: "gauge",
  help: "Share of the time since the last scrape in which a thread had something to do: a worker near 1 can serve no more.",
  labels: ["thread"],
};
const HEAP: MetricSpec = {
  name: "linkspan_thread_heap_bytes",
  type: "gauge",
  help: "What the objects on a thread's heap take, with those that wait to be collected.",
  labels: ["thread"],
};
const HEAP_LIMIT: MetricSpec = {
  name: "linkspan_thread_heap_limit_bytes",
  type: "gauge",
  help: "The heap with which a thread ends, and is started anew.",
  labels: ["thread"],
};

/** For the table in the docs. */
export const THREAD_METRICS: readonly MetricSpec[] = [BUSY, HEAP, HEAP_LIMIT];

/** Of the thread that calls this; `thread` is its name in the log, such as `worker 0`. */
export function gaugeThread(thread: string, metrics: Metrics, owner: Scope): void {
  let last = performance.eventLoopUtilization();
  metrics.gauge(BUSY, { thread }, owner, () => {
    const now = performance.eventLoopUtilization();
    const { utilization } = performance.eventLoopUtilization(now, last);
    last = now;
    return utilization;
  });
  metrics.gauge(HEAP, { thread }, owner, () => getHeapStatistics().used_heap_size);
  metrics.gauge(HEAP_LIMIT, { thread }, owner, () => getHeapStatistics().heap_size_limit);
}
