/** Spares endpoints that came lately: a draw of one stands only as often as it has warmed up. */
import type { Random } from "../../base/time.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Balancer, Candidate, Load, ShareOf } from "../balancer.ts";
import { WarmUp } from "./warm-up.ts";

/** How often another one is drawn, before an open one that is warm is looked for. */
const REDRAWS = 3;

/** Else the one that the balancer finds cheapest would be a new one, which has done nothing yet, every time. */
export class SlowStart implements Balancer {
  readonly #inner: Balancer;
  readonly #random: Random;
  readonly #warmUp: WarmUp;
  #endpoints: readonly Candidate[] = [];

  constructor(inner: Balancer, slowStartMs: number, random: Random) {
    this.#inner = inner;
    this.#random = random;
    this.#warmUp = new WarmUp(slowStartMs);
  }

  newLoad(now: number, endpoint?: Candidate): Load {
    return this.#inner.newLoad(now, endpoint);
  }

  update(endpoints: readonly Candidate[]): void {
    this.#endpoints = endpoints;
    this.#warmUp.update(endpoints);
    this.#inner.update(endpoints);
  }

  shares(now: number): ShareOf {
    const inner = this.#inner.shares?.(now);
    return (endpoint) => this.#warmUp.share(endpoint, now) * (inner?.(endpoint) ?? 1);
  }

  statusChanged(): void {
    this.#inner.statusChanged?.();
  }

  pick(x: Exchange, now: number): Candidate | undefined {
    const first = this.#inner.pick(x, now);
    if (first === undefined || this.#warmUp.isOver(now)) return first;
    let share = this.#warmUp.share(first, now);
    if (share === 1) return first;
    // One number for all draws of this exchange: who has been refused once is not asked until it stands after all.
    const luck = this.#random.next();
    let drawn = first;
    for (let draws = 0; luck >= share && draws < REDRAWS; draws++) {
      drawn = this.#inner.pick(x, now) ?? first;
      share = this.#warmUp.share(drawn, now);
    }
    return luck < share ? drawn : (this.#warm(now) ?? drawn);
  }

  #warm(now: number): Candidate | undefined {
    const all = this.#endpoints;
    const from = Math.floor(this.#random.next() * all.length);
    for (let step = 0; step < all.length; step++) {
      const endpoint = all[(from + step) % all.length] as Candidate;
      if (endpoint.status === "open" && this.#warmUp.share(endpoint, now) === 1) return endpoint;
    }
    return undefined;
  }
}
