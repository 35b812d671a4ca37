/** How a mirror fares, as plain data. */
import type { HeldRemoval, LeftOut, Orphans } from "./mirror-plan.ts";

/** `idle`: `run` was not called. `waiting`: nobody is known to lead. `following`: another member leads. */
export type MirrorRole = "idle" | "waiting" | "following" | "leading" | "closed";

/** Another writer's entry that is in the way. */
export interface MirrorConflict {
  readonly target: string;
  readonly id: string;
  readonly cause: string;
}

export interface TargetStatus {
  readonly source?: string;
  readonly target: string;
  /** `agreed`: what stands there is what should. */
  readonly state: "pending" | "agreed" | "writing" | "held" | "refused" | "troubled";
  readonly entries: number;
  readonly held: readonly HeldRemoval[];
  readonly leftOut: readonly LeftOut[];
  readonly orphans?: readonly Orphans[];
  /** What the probe did not reach, and is published all the same. */
  readonly forced?: readonly LeftOut[];
  readonly conflicts: readonly MirrorConflict[];
  readonly refusal?: string;
  /** Why source or target cannot be read or written now, and since when (epoch ms). */
  readonly trouble?: { readonly cause: string; readonly since: number };
}

export interface MirrorStatus {
  readonly mirror: string;
  readonly group: string;
  readonly member: string;
  readonly role: MirrorRole;
  readonly leader?: string;
  readonly source: string;
  readonly target: string;
  readonly totals: {
    readonly targets: number;
    readonly entries: number;
    readonly held: number;
    readonly unreachable: number;
    readonly forced: number;
    readonly dual: number;
    readonly conflicts: number;
    readonly refused: number;
    readonly troubled: number;
  };
  /** When all targets last agreed with their sources, epoch ms. */
  readonly agreedAt?: number;
  readonly targets: readonly TargetStatus[];
  readonly trouble?: string;
}

/** What an operator orders: what is absent now may go without regard to the cap, as soon as enough looks agree. */
export interface Approval {
  readonly by: string;
  readonly why: string;
  /** A target's path; all of the mirror's unless given. */
  readonly target?: string;
}

/** How many removals were approved. */
export interface Approved {
  readonly removals: number;
}

/** Of a daemon: all its mirrors, with a page of their targets; `left` targets that match come on later ones. */
export interface MirrorsAnswer {
  readonly mirrors: readonly MirrorStatus[];
  readonly matching: number;
  readonly left: number;
}
