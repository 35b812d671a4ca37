/** One endpoint after the other. */
import type { Candidate } from "linkspan/plugin";
import type { Choice } from "./choice.ts";

/** Passes over those that are not open, while one is. */
export class Rotation implements Choice {
  #endpoints: readonly Candidate[] = [];
  #next = 0;

  update(endpoints: readonly Candidate[]): void {
    this.#endpoints = endpoints;
  }

  pick(): Candidate | undefined {
    const size = this.#endpoints.length;
    for (let step = 0; step < size; step++) {
      const endpoint = this.#endpoints[(this.#next + step) % size] as Candidate;
      if (endpoint.status !== "open") continue;
      this.#next = (this.#next + step + 1) % size;
      return endpoint;
    }
    if (size === 0) return undefined;
    this.#next = (this.#next + 1) % size;
    return this.#endpoints[this.#next];
  }
}
