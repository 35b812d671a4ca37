/** How much of its share an endpoint gets that came lately: from a tenth on, evenly more until it has all of it. */
import type { Candidate } from "../balancer.ts";

const FIRST_SHARE = 0.1;

/** Those that came when there was nobody else have nobody to spare them, and get all of theirs at once. */
export class WarmUp {
  readonly #ms: number;
  #isEmpty = true;
  #foundedAt = -Infinity;
  #overAt = -Infinity;

  constructor(ms: number) {
    this.#ms = ms;
  }

  update(endpoints: readonly Candidate[]): void {
    let newestAt = -Infinity;
    for (const { bornAt } of endpoints) newestAt = Math.max(newestAt, bornAt);
    if (this.#isEmpty) this.#foundedAt = newestAt;
    this.#isEmpty = endpoints.length === 0;
    this.#overAt = newestAt > this.#foundedAt ? newestAt + this.#ms : -Infinity;
  }

  /** Whether every endpoint has all of its share. */
  isOver(now: number): boolean {
    return now >= this.#overAt;
  }

  /** From 0.1 to 1. */
  share({ bornAt }: Candidate, now: number): number {
    if (bornAt <= this.#foundedAt) return 1;
    return Math.min(1, FIRST_SHARE + ((1 - FIRST_SHARE) * Math.max(0, now - bornAt)) / this.#ms);
  }
}
