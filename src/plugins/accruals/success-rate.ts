/** `io.l5d.successRate`: out when too few of the last requests succeeded. */
import { type AccrualPolicy, definePlugin, s } from "linkspan/plugin";
import { type Waits, waits } from "./backoff.ts";
import { MovingShare } from "./moving-share.ts";
import { backoffKeys } from "./options.ts";

/** The share's time is the number of requests; before `requests` of them nothing is decided. */
class SuccessRate implements AccrualPolicy {
  readonly #least: number;
  readonly #requests: number;
  readonly #waits: Waits;
  readonly #share: MovingShare;
  #seen = 0;

  constructor(least: number, requests: number, outFor: Waits) {
    this.#least = least;
    this.#requests = requests;
    this.#waits = outFor;
    this.#share = new MovingShare(requests);
  }

  success(): void {
    this.#share.add(++this.#seen, 1);
  }

  failure(): number | undefined {
    const share = this.#share.add(++this.#seen, 0);
    return this.#seen >= this.#requests && share < this.#least ? this.#waits.next() : undefined;
  }

  revived(): void {
    this.#share.clear();
    this.#seen = 0;
    this.#waits.restart();
  }
}

export default definePlugin({
  api: 1,
  family: "accrual",
  kind: "io.l5d.successRate",
  schema: s.object({
    successRate: s.number({ doc: "Below this share of successes an endpoint is taken out.", min: 0, max: 1 }),
    requests: s.integer({ doc: "Over so many requests.", min: 1 }),
    ...backoffKeys,
  }),
  create: ({ successRate, requests, backoff }, { random }) => ({
    create: () => new SuccessRate(successRate, requests, waits(backoff, random)),
  }),
});
