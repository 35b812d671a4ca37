/** One version of a bound tree: its compiled choice, and the leads that it keeps. */
import type { Clock } from "../base/time.ts";
import type { NameTree } from "../naming/name-tree.ts";
import type { Bound } from "../naming/namer.ts";
import { type Choice, type ChoiceParts, compile } from "./choice.ts";
import { type ClusterSource, Lead } from "./lead.ts";

const none: readonly never[] = [];

export class Switch implements Disposable {
  readonly choice: Choice;
  #leads: readonly Lead[] = none;
  /** While the addresses of its clusters are waited for. */
  #watches: Disposable[] | undefined;
  #disposed = false;

  constructor(tree: NameTree<Bound>, clusters: ClusterSource, parts: Omit<ChoiceParts, "lead">) {
    this.choice = compile(tree, { ...parts, lead: (bound) => this.#lead(bound, clusters) });
  }

  /** The ids of the clusters that traffic can go to. */
  get clusters(): readonly string[] {
    return this.#leads.map((lead) => lead.client);
  }

  /** Whether traffic of this version goes that way. */
  has(lead: Lead): boolean {
    return this.#leads.includes(lead);
  }

  /** Calls `ready` once: when of every cluster the addresses, or their failure, are known, at the latest after `withinMs`. */
  whenKnown(ready: () => void, clock: Clock, withinMs: number): void {
    let unknown = this.#leads.length;
    const over = (): void => {
      this.stopWaiting();
      if (!this.#disposed) ready();
    };
    if (unknown === 0) return over();
    const watches: Disposable[] = [clock.timer(withinMs, over)];
    this.#watches = watches;
    for (const lead of this.#leads) {
      let told = false;
      const watch = lead.addresses.observe((state) => {
        if (state.tag === "pending" || told) return;
        told = true;
        if (--unknown === 0) over();
      });
      if (this.#watches !== watches || unknown <= 0) watch[Symbol.dispose]();
      else watches.push(watch);
    }
  }

  /** Calls off what `whenKnown` was asked for. */
  stopWaiting(): void {
    const watches = this.#watches;
    this.#watches = undefined;
    for (const watch of watches ?? none) watch[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    if (this.#disposed) return;
    this.#disposed = true;
    this.stopWaiting();
    for (const lead of this.#leads) lead.release();
  }

  #lead(bound: Bound, clusters: ClusterSource): Lead {
    const known = this.#leads.find((lead) => lead.client === bound.id.show && sameResidual(lead, bound));
    if (known) return known;
    const lead = new Lead(bound, clusters);
    // `concat` leaves no room that nobody asked for: nearly all trees have one leaf.
    this.#leads = this.#leads.concat(lead);
    return lead;
  }
}

function sameResidual(lead: Lead, bound: Bound): boolean {
  return lead.residual === (bound.residual.elems.length === 0 ? "" : bound.residual.show);
}
