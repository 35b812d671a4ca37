/** The process's own metrics: event loop, garbage collection, heap, descriptors. */
import type { Registry } from "prom-client";

export interface ProcessMetrics {
  /** In Prometheus' text format. */
  text(): Promise<string>;
}

/** One a thread, not one a daemon: what it starts in Node (observers, histograms) can never be ended again. */
let registry: Promise<Registry> | undefined;

/** Loaded and started by the first scrape: a daemon that nobody scrapes does not pay for it. */
export const processMetrics: ProcessMetrics = {
  text() {
    registry ??= startCollecting();
    return registry.then((collected) => collected.metrics());
  },
};

async function startCollecting(): Promise<Registry> {
  const { Registry, collectDefaultMetrics } = await import("prom-client");
  const collected = new Registry();
  collectDefaultMetrics({ register: collected });
  return collected;
}
