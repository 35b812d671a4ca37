/** The power of two choices (Mitzenmacher 2001): draws two endpoints and takes the one with less load. */
import type { Candidate, Random } from "linkspan/plugin";
import type { Choice } from "./choice.ts";

/** How often one is drawn that is not open, before the open ones are counted. */
const REDRAWS = 8;

/** The draw is among the open endpoints; among all only when none is open. */
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
    return this.pickAmong(this.#endpoints.length, now);
  }

  /**
   * Among the first `size` of the set. Whoever is drawn anew until he is open is drawn from the open ones, so they are
   * counted only where few are.
   */
  pickAmong(size: number, now: number): Candidate | undefined {
    if (size < 2) return this.#endpoints[0];
    let first = this.#below(size);
    let second = this.#other(first, size);
    for (let draws = 0; !this.#isOpen(first) && draws < REDRAWS; draws++) first = this.#other(second, size);
    for (let draws = 0; !this.#isOpen(second) && draws < REDRAWS; draws++) second = this.#other(first, size);
    if (this.#isOpen(first) && this.#isOpen(second)) return this.#cheaper(first, second, now);
    return this.#amongOpen(size, now) ?? this.#better(first, second, now);
  }

  #below(size: number): number {
    return Math.floor(this.#random.next() * size);
  }

  /** Another number below `size` than `first`. */
  #other(first: number, size: number): number {
    const second = this.#below(size - 1);
    return second >= first ? second + 1 : second;
  }

  #isOpen(at: number): boolean {
    return (this.#endpoints[at] as Candidate).status === "open";
  }

  #amongOpen(size: number, now: number): Candidate | undefined {
    let open = 0;
    for (let at = 0; at < size; at++) if (this.#isOpen(at)) open++;
    if (open === 0) return undefined;
    if (open === 1) return this.#endpoints[this.#openAt(0)];
    const rank = this.#below(open);
    return this.#cheaper(this.#openAt(rank), this.#openAt(this.#other(rank, open)), now);
  }

  #openAt(rank: number): number {
    let left = rank;
    let at = 0;
    while (!this.#isOpen(at) || left-- > 0) at++;
    return at;
  }

  #cheaper(first: number, second: number, now: number): Candidate {
    const a = this.#endpoints[first] as Candidate;
    const b = this.#endpoints[second] as Candidate;
    return a.load.cost(now) <= b.load.cost(now) ? a : b;
  }

  /** Where none is open: busy is better than closed. */
  #better(first: number, second: number, now: number): Candidate {
    const a = this.#endpoints[first] as Candidate;
    const b = this.#endpoints[second] as Candidate;
    if (a.status === b.status) return this.#cheaper(first, second, now);
    return a.status === "busy" ? a : b;
  }
}
