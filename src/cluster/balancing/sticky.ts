/** Requests with the same value in a header go to the same endpoint (rendezvous hashing, Thaler and Ravishankar 1998). */
import { addressKey } from "../../base/address.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Balancer, Candidate, Load, ShareOf } from "../balancer.ts";
import { mixed, textHash } from "./hash.ts";
import { WarmUp } from "./warm-up.ts";

export interface StickyOptions {
  /** In lower case. */
  readonly header: string;
  readonly slowStartMs: number;
  readonly panicThreshold: number;
}

/**
 * Each open endpoint draws a number from the value and its own address, and the highest has it: who leaves takes only
 * the values that he had, and every router comes to the same. The numbers are drawn so that an endpoint has as many
 * values as it weighs; while it warms up it weighs less. Below the panic threshold whoever can be connected to is as good as open.
 */
export class Sticky implements Balancer {
  readonly #inner: Balancer;
  readonly #options: StickyOptions;
  readonly #warmUp: WarmUp;
  #endpoints: readonly Candidate[] = [];
  /** Of their addresses. */
  #hashes = new Uint32Array(0);
  #isWeighted = false;

  constructor(inner: Balancer, options: StickyOptions) {
    this.#inner = inner;
    this.#options = options;
    this.#warmUp = new WarmUp(options.slowStartMs);
  }

  get offered(): Balancer["offered"] {
    return this.#inner.offered;
  }

  newLoad(now: number, endpoint?: Candidate): Load {
    return this.#inner.newLoad(now, endpoint);
  }

  update(endpoints: readonly Candidate[]): void {
    this.#endpoints = endpoints;
    this.#hashes = Uint32Array.from(endpoints, ({ address }) => textHash(addressKey(address)));
    const weight = endpoints[0]?.address.weight;
    this.#isWeighted = endpoints.some(({ address }) => address.weight !== weight);
    this.#warmUp.update(endpoints);
    this.#inner.update(endpoints);
  }

  /** Of requests without the header. */
  shares(now: number): ShareOf {
    return this.#inner.shares?.(now) ?? (() => 1);
  }

  statusChanged(): void {
    this.#inner.statusChanged?.();
  }

  pick(x: Exchange, now: number): Candidate | undefined {
    const value = x.request.headers.get(this.#options.header);
    if (value === undefined || value === "") return this.#inner.pick(x, now);
    return this.#highest(textHash(value), now) ?? this.#inner.pick(x, now);
  }

  #highest(value: number, now: number): Candidate | undefined {
    const all = this.#endpoints;
    const isEven = !this.#isWeighted && this.#warmUp.isOver(now);
    let open = 0;
    let best: Candidate | undefined;
    let bestReached: Candidate | undefined;
    let bestOpen: Candidate | undefined;
    let bestScore = -Infinity;
    let bestReachedScore = -Infinity;
    let bestOpenScore = -Infinity;
    for (let at = 0; at < all.length; at++) {
      const endpoint = all[at] as Candidate;
      const drawn = mixed(value ^ (this.#hashes[at] as number));
      const score = isEven ? drawn : this.#weighted(endpoint, drawn, now);
      if (score > bestScore) {
        bestScore = score;
        best = endpoint;
      }
      if (score > bestReachedScore && !endpoint.lost) {
        bestReachedScore = score;
        bestReached = endpoint;
      }
      if (endpoint.status !== "open") continue;
      open++;
      if (score <= bestOpenScore) continue;
      bestOpenScore = score;
      bestOpen = endpoint;
    }
    const isPanic = open < this.#options.panicThreshold * all.length;
    return (isPanic ? bestReached : bestOpen) ?? bestReached ?? best;
  }

  /** The share of values for which an endpoint has the highest is that of its weight (Schindelhauer and Schomaker 2005). */
  #weighted(endpoint: Candidate, drawn: number, now: number): number {
    const weight = this.#isWeighted ? Math.max(0, endpoint.address.weight) : 1;
    return (-weight * this.#warmUp.share(endpoint, now)) / Math.log((drawn + 0.5) / 2 ** 32);
  }
}
