/** What a cluster adds to a balancer of any kind: zones, panic, slow start and stickiness, each only where it is said. */
import type { Random } from "../../base/time.ts";
import type { Balancer } from "../balancer.ts";
import { Offer, type OfferOptions } from "./offer.ts";
import { SlowStart } from "./slow-start.ts";
import { Sticky } from "./sticky.ts";

export interface BalancedOptions extends OfferOptions {
  readonly random: Random;
  /** How long a new endpoint is spared; 0 for not at all. */
  readonly slowStartMs: number;
  /** The header whose value chooses; in lower case. */
  readonly stickyBy?: string | undefined;
}

export function balanced(kind: Balancer, options: BalancedOptions): Balancer {
  const { slowStartMs, panicThreshold, locality, stickyBy, random } = options;
  const spared = slowStartMs > 0 ? new SlowStart(kind, slowStartMs, random) : kind;
  const offered = locality !== undefined || panicThreshold > 0 ? new Offer(spared, options) : spared;
  if (stickyBy === undefined) return offered;
  return new Sticky(offered, { header: stickyBy, slowStartMs, panicThreshold });
}
