/** `io.l5d.successRateWindowed`: out when too few requests of the last seconds succeeded. */
import { type AccrualPolicy, definePlugin, s } from "linkspan/plugin";
import { type Waits, waits } from "./backoff.ts";
import { MovingShare } from "./moving-share.ts";
import { backoffKeys } from "./options.ts";
import { SlidingCount } from "./sliding-count.ts";

/** With fewer requests than this in the window nothing is decided. */
const LEAST_REQUESTS = 5;

class SuccessRateWindowed implements AccrualPolicy {
  readonly #least: number;
  readonly #windowMs: number;
  readonly #waits: Waits;
  readonly #share: MovingShare;
  readonly #requests: SlidingCount;
  #since: number;

  constructor(least: number, windowMs: number, outFor: Waits, now: number) {
    this.#least = least;
    this.#windowMs = windowMs;
    this.#waits = outFor;
    this.#share = new MovingShare(windowMs);
    this.#requests = new SlidingCount(windowMs, now);
    this.#since = now;
  }

  success(now: number): void {
    this.#requests.add(now);
    this.#share.add(now - this.#since, 1);
  }

  failure(now: number): number | undefined {
    this.#requests.add(now);
    const share = this.#share.add(now - this.#since, 0);
    if (now - this.#since < this.#windowMs || share >= this.#least) return undefined;
    return this.#requests.sum(now) >= LEAST_REQUESTS ? this.#waits.next() : undefined;
  }

  revived(now: number): void {
    this.#since = now;
    this.#share.clear();
    this.#requests.clear(now);
    this.#waits.restart();
  }
}

export default definePlugin({
  api: 1,
  family: "accrual",
  kind: "io.l5d.successRateWindowed",
  schema: s.object({
    successRate: s.number({ doc: "Below this share of successes an endpoint is taken out.", min: 0, max: 1 }),
    window: s.integer({ doc: "Over so many seconds.", min: 1 }),
    ...backoffKeys,
  }),
  create: ({ successRate, window, backoff }, { random }) => ({
    create: (now) => new SuccessRateWindowed(successRate, window * 1000, waits(backoff, random), now),
  }),
});
