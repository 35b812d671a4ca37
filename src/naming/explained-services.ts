/** The bound names of an explanation, each with what is known of its addresses, said once. */
import { addressKey, type AddressSet } from "../base/address.ts";
import type { State } from "../base/var.ts";
import type { Bound } from "./namer.ts";

export interface ExplainedAddress {
  readonly address: string;
  readonly weight: number;
}

/** Times are epoch ms. */
export interface ExplainedService {
  readonly state: "pending" | "ok" | "stale" | "held" | "failed";
  readonly addresses: readonly ExplainedAddress[];
  /** What the registry calls this version. */
  readonly revision?: string;
  /** When the registry last said so. */
  readonly confirmedAt?: number;
  readonly staleSince?: number;
  /** Why it is stale or failed. */
  readonly cause?: string;
  readonly heldSince?: number;
  readonly heldUntil?: number;
  readonly lost?: number;
}

export class ExplainedServices {
  readonly all: Record<string, ExplainedService> = {};

  note({ id }: Bound, addresses: State<AddressSet>): void {
    this.all[id.show] ??= serviceOf(addresses);
  }
}

function serviceOf(state: State<AddressSet>): ExplainedService {
  if (state.tag === "pending") return { state: "pending", addresses: [] };
  if (state.tag === "failed") return { state: "failed", addresses: [], cause: state.cause.message };
  const { value, stale, held, revision, confirmedAt } = state;
  return {
    state: held === undefined ? (stale === undefined ? "ok" : "stale") : "held",
    addresses: value.addresses.map((each) => ({ address: addressKey(each), weight: each.weight })),
    ...(revision === undefined ? {} : { revision }),
    ...(confirmedAt === undefined ? {} : { confirmedAt }),
    ...(stale === undefined ? {} : { staleSince: stale.since, cause: stale.cause.message }),
    ...(held === undefined ? {} : { heldSince: held.since, heldUntil: held.until, lost: held.lost }),
  };
}
