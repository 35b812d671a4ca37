/** The process's own metrics: event loop, garbage collection, heap, descriptors. */
import type { Registry } from "prom-client";

/** Loaded and started by the first scrape: a daemon that nobody scrapes does not pay for it. */
export class ProcessMetrics {
  #registry: Promise<Registry> | undefined;

  text(): Promise<string> {
    this.#registry ??= startCollecting();
    return this.#registry.then((registry) => registry.metrics());
  }
}

async function startCollecting(): Promise<Registry> {
  const { Registry, collectDefaultMetrics } = await import("prom-client");
  const registry = new Registry();
  collectDefaultMetrics({ register: registry });
  return registry;
}
