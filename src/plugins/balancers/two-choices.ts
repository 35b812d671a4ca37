/** The power of two choices (Mitzenmacher 2001): draws two endpoints and takes the one with less load. */
import type { Candidate, Random } from "linkspan/plugin";
import { type Choice, countOpen } from "./choice.ts";

/**
 * The draw is among the open endpoints; among all only when none is open. A pair drawn from all that happens to be
 * open is as good as one drawn from the open ones, so the list is walked only when one of the pair is not.
 */
export class TwoChoices implements Choice {
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
    if (size < 2) return this.#endpoints[0];
    const first = this.#below(size);
    const second = this.#other(first, size);
    const a = this.#endpoints[first] as Candidate;
    const b = this.#endpoints[second] as Candidate;
    if (a.status === "open" && b.status === "open") return cheaper(a, b, now);
    const open = countOpen(this.#endpoints);
    if (open === 0) return a.status === b.status ? cheaper(a, b, now) : a.status === "busy" ? a : b;
    if (open === 1) return this.#openAt(0);
    const rank = this.#below(open);
    return cheaper(this.#openAt(rank), this.#openAt(this.#other(rank, open)), now);
  }

  #below(size: number): number {
    return Math.floor(this.#random.next() * size);
  }

  /** Another number below `size` than `first`. */
  #other(first: number, size: number): number {
    const second = this.#below(size - 1);
    return second >= first ? second + 1 : second;
  }

  #openAt(rank: number): Candidate {
    let left = rank;
    for (let at = 0; at < this.#endpoints.length; at++) {
      const endpoint = this.#endpoints[at] as Candidate;
      if (endpoint.status === "open" && left-- === 0) return endpoint;
    }
    return this.#endpoints[0] as Candidate;
  }
}

function cheaper(a: Candidate, b: Candidate, now: number): Candidate {
  return a.load.cost(now) <= b.load.cost(now) ? a : b;
}
