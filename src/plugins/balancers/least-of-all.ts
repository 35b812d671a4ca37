/** The endpoint with the least load of all. */
import type { Candidate, Random } from "linkspan/plugin";
import type { Choice } from "./choice.ts";

/**
 * Walks the whole list: exact, and O(n). The walk begins at random, so that among equals not always the same one is
 * asked.
 */
export class LeastOfAll implements Choice {
  readonly #random: Random;
  #endpoints: readonly Candidate[] = [];

  constructor(random: Random) {
    this.#random = random;
  }

  update(endpoints: readonly Candidate[]): void {
    this.#endpoints = endpoints;
  }

  pick(now: number): Candidate | undefined {
    const size = this.#endpoints.length;
    const from = Math.floor(this.#random.next() * size);
    let best: Candidate | undefined;
    let bestCost = Infinity;
    for (let step = 0; step < size; step++) {
      const endpoint = this.#endpoints[(from + step) % size] as Candidate;
      const cost = endpoint.load.cost(now);
      const better = best === undefined || rank(endpoint) < rank(best);
      if (!better && (rank(endpoint) > rank(best as Candidate) || cost >= bestCost)) continue;
      best = endpoint;
      bestCost = cost;
    }
    return best;
  }
}

function rank(endpoint: Candidate): number {
  return endpoint.status === "open" ? 0 : endpoint.status === "busy" ? 1 : 2;
}
