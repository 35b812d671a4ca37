/** What people and programs are shown of one side of a shift, and what that is made of. */
import type { Driven } from "./shift-driver.ts";
import { requestsOf, type Tally } from "./shift-samples.ts";
import { percentOf, type Shift, type Side, type Weights } from "./shift.ts";
import type { ShiftedName } from "./shifted-name.ts";

export interface SideStatus {
  readonly name: string;
  /** Percent, as ordered; absent where the shift weighs nothing. */
  readonly weight?: number;
  /** Of the requests of this daemon's callers in this step: absent while there are none. */
  readonly share?: number;
  readonly requests: number;
  readonly successRate?: number;
  readonly p99Ms?: number;
  readonly endpoints: number;
  /** Clusters, by their bound ids. */
  readonly ids: readonly string[];
  readonly problem?: string;
}

export interface StatusParts {
  readonly shift: Shift;
  readonly weights: Weights | undefined;
  readonly override: Weights | undefined;
  readonly isOwed: boolean;
  readonly driven: Driven | undefined;
  readonly names: readonly ShiftedName[];
  readonly isHere: boolean;
  /** What this host is called. */
  readonly host: string;
  /** Logical names that reach a side beside the shifted one, on this daemon. */
  readonly others: readonly OtherCaller[];
}

/** A route beside the shift: what comes by it is counted on that side, and no weight of the shift reaches it. */
export interface OtherCaller {
  readonly side: Side;
  readonly router: string;
  readonly name: string;
}

export function sideOf(side: Side, { shift, weights, driven, names, isHere }: StatusParts): SideStatus {
  const seen = names.map(({ targets }) => targets[side]);
  const all = driven === undefined ? 0 : requestsOf(driven.sides.from) + requestsOf(driven.sides.to);
  const tally = driven?.sides[side];
  const none = isHere ? "no router of this daemon follows it" : "this host is not in its scope";
  const isUsable = seen.some((target) => target.problem === undefined);
  const problem = isUsable ? undefined : (seen[0]?.problem ?? none);
  return {
    name: shift.plan[side],
    ...(weights === undefined ? {} : { weight: percentOf(side, weights) }),
    requests: tally === undefined ? 0 : requestsOf(tally),
    ...(tally === undefined || all === 0 ? {} : { share: (requestsOf(tally) / all) * 100 }),
    ...(tally === undefined ? {} : answersOf(tally)),
    endpoints: new Set(seen.flatMap(({ addresses }) => [...addresses])).size,
    ids: [...new Set(seen.flatMap(({ ids }) => ids))],
    ...(problem === undefined ? {} : { problem }),
  };
}

function answersOf(tally: Tally): Pick<SideStatus, "successRate" | "p99Ms"> {
  if (requestsOf(tally) === 0) return {};
  const successRate = tally.successes / requestsOf(tally);
  return { successRate, ...(tally.times.count === 0 ? {} : { p99Ms: tally.times.percentile(0.99) }) };
}
