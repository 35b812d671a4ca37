/** Entries of a registry that cannot be read: counted, and told once. */
import type { Counter, Log, MetricSpec } from "linkspan/plugin";
import type { NodeChildren } from "./node-mirror.ts";

export const UNREADABLE: MetricSpec = {
  name: "linkspan_refused_instances_total",
  type: "counter",
  help: "Entries of a registry that could not be read as an instance.",
  labels: ["namer"],
};

/** One a name. */
export class RefusedNodes {
  readonly #service: string;
  readonly #log: Log;
  readonly #count: Counter;
  /** What was told of which node, so that it is told again only when there is something else to tell. */
  readonly #told = new Map<string, string>();

  constructor(service: string, log: Log, count: Counter) {
    this.#service = service;
    this.#log = log;
    this.#count = count;
  }

  refuse(node: string, cause: Error): void {
    if (this.#told.get(node) === cause.message) return;
    this.#told.set(node, cause.message);
    this.#count.value++;
    this.#log.warn("instance.refused", { service: this.#service, node, cause: cause.message });
  }

  accept(node: string): void {
    this.#told.delete(node);
  }

  /** Forgets the nodes that are not there any more. */
  keep(children: NodeChildren | undefined): void {
    for (const node of this.#told.keys()) if (children?.has(node) !== true) this.#told.delete(node);
  }
}
