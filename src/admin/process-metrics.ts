/** The process's own metrics: event loop, garbage collection, heap, descriptors. */
import { readdir } from "node:fs/promises";
import { availableParallelism } from "node:os";
import type { Registry } from "prom-client";
import type { LinkerdSample } from "./linkerd-samples.ts";

export interface ProcessMetrics {
  /** In Prometheus' text format. */
  text(): Promise<string>;
  /** What Linkerd 1's dashboards read of its JVM. */
  linkerd(): Promise<readonly LinkerdSample[]>;
}

/** One a thread, not one a daemon: what it starts in Node (observers, histograms) can never be ended again. */
let registry: Promise<Registry> | undefined;

/** Loaded and started by the first scrape: a daemon that nobody scrapes does not pay for it. */
export const processMetrics: ProcessMetrics = {
  async text() {
    return (await collecting()).metrics();
  },
  async linkerd() {
    const gc = await (await collecting()).getSingleMetric("nodejs_gc_duration_seconds")?.get();
    const sums = (gc?.values ?? []).filter((each) => "metricName" in each && String(each.metricName).endsWith("_sum"));
    const uptimeMs = Math.round(process.uptime() * 1_000);
    return Object.entries({
      uptime: uptimeMs,
      num_cpus: availableParallelism(),
      "mem/current/used": process.memoryUsage.rss(),
      "gc/msec": Math.round(sums.reduce((total, { value }) => total + value, 0) * 1_000),
      ...(await threadCount()),
    }).map(([metric, value]) => ({ router: "", scope: "process", id: "", metric, value, kind: "gauge" }));
  },
};

/** Of the whole process, those that Node starts for itself included; nothing where the system does not say. */
async function threadCount(): Promise<{ readonly "thread/count"?: number }> {
  if (process.platform !== "linux") return {};
  return { "thread/count": (await readdir("/proc/self/task")).length };
}

function collecting(): Promise<Registry> {
  registry ??= startCollecting();
  return registry;
}

async function startCollecting(): Promise<Registry> {
  const { Registry, collectDefaultMetrics } = await import("prom-client");
  const collected = new Registry();
  collectDefaultMetrics({ register: collected });
  return collected;
}
