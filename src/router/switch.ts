/** One version of a bound tree: its compiled choice, and the leads that it keeps. */
import type { NameTree } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";
import { type Choice, type ChoiceParts, compile } from "./choice.ts";
import { type ClusterSource, Lead } from "./lead.ts";

export class Switch implements Disposable {
  readonly choice: Choice;
  readonly #leads: Lead[] = [];
  #watches: Disposable[] = [];
  #disposed = false;

  constructor(tree: NameTree<Bound>, clusters: ClusterSource, parts: Omit<ChoiceParts, "lead">) {
    this.choice = compile(tree, { ...parts, lead: (bound) => this.#lead(bound, clusters) });
  }

  /** The ids of the clusters that traffic can go to. */
  get clusters(): readonly string[] {
    return this.#leads.map((lead) => lead.client);
  }

  /** Calls `ready` once, when the addresses of all clusters are known; at once where they are. */
  whenKnown(ready: () => void): void {
    let unknown = this.#leads.length;
    const known = (): void => {
      if (--unknown > 0 || this.#disposed) return;
      ready();
      this.#unwatch();
    };
    if (unknown === 0) return ready();
    for (const lead of this.#leads) {
      let told = false;
      const watch = lead.addresses.observe((state) => {
        if (state.tag !== "ok" || told) return;
        told = true;
        known();
      });
      if (this.#disposed || unknown <= 0) watch[Symbol.dispose]();
      else this.#watches.push(watch);
    }
    if (unknown <= 0) this.#unwatch();
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.#unwatch();
    for (const lead of this.#leads) lead.release();
  }

  #lead(bound: Bound, clusters: ClusterSource): Lead {
    const known = this.#leads.find((lead) => lead.client === bound.id.show && sameResidual(lead, bound));
    if (known) return known;
    const lead = new Lead(bound, clusters);
    this.#leads.push(lead);
    return lead;
  }

  #unwatch(): void {
    const watches = this.#watches;
    this.#watches = [];
    for (const watch of watches) watch[Symbol.dispose]();
  }
}

function sameResidual(lead: Lead, bound: Bound): boolean {
  return lead.residual === (bound.residual.elems.length === 0 ? "" : bound.residual.show);
}
