/** What a mirror would do, or did once, as plain data. */
import type { PlannedWrite } from "../naming/announcer.ts";

/** Why an instance of the source has no entry that this mirror wrote, or will lose it. */
export type LeftOutWhy =
  /** It is at home in another registry. */
  | "foreign"
  /** The source says that it is not ready. */
  | "unready"
  /** It was withdrawn again and again, and waits. */
  | "unsettled"
  /** Not among those that `publish` takes. */
  | "unchosen"
  /** It has no address that callers at the target could use. */
  | "unplaced"
  /** The probe did not reach it. */
  | "unreachable"
  /** It is registered at the target by itself. */
  | "dual"
  /** Another group publishes it there. */
  | "conflict";

export interface LeftOut {
  readonly id: string;
  readonly why: LeftOutWhy;
  readonly cause?: string;
}

/** Why an entry goes. The first two go at once; `replaced` when its successor stands; the rest by the slow rule. */
export type RemovalWhy =
  | "unready"
  | "deleted"
  /** Another member of the group wrote it, and this one has its own. */
  | "replaced"
  | "absent"
  | LeftOutWhy;

/** An entry that goes once enough looks agree and the cap, or an approval, allows it. */
export interface HeldRemoval {
  readonly key: string;
  readonly id: string;
  readonly why: RemovalWhy;
  /** How many looks in a row agreed until now. */
  readonly agreed: number;
  readonly needs: "cycles" | "turn";
  readonly approved: boolean;
}

/** Entries whose group keeps them true no more: its lease ended, epoch ms. The next member of that group takes them over. */
export interface Orphans {
  readonly group: string;
  readonly entries: number;
  readonly endedAt: number;
}

/** One target of the mirror. */
export interface TargetPlan {
  /** Absent where only a former configuration explains the target. */
  readonly source?: string;
  readonly target: string;
  /** How many entries of the mirror stand there. */
  readonly entries: number;
  readonly writes: readonly PlannedWrite[];
  readonly held: readonly HeldRemoval[];
  readonly leftOut: readonly LeftOut[];
  readonly orphans?: readonly Orphans[];
  /** What the probe did not reach, and is published all the same. */
  readonly forced?: readonly LeftOut[];
  /** Why nothing may be written there. */
  readonly refusal?: string;
  /** Why nothing is known: the source or the target could not be read. */
  readonly trouble?: string;
}

export interface MirrorPlan {
  readonly mirror: string;
  readonly targets: readonly TargetPlan[];
  readonly totals: {
    readonly create: number;
    readonly update: number;
    readonly delete: number;
    readonly held: number;
    /** Instances that callers at the target could not reach, and that are not published for that. */
    readonly unreachable: number;
    readonly refused: number;
    readonly troubled: number;
  };
  /** Why not all targets are known, where the source could not list its names or the target its entries. */
  readonly trouble?: string;
}

/** What became of one write of `apply`. */
export interface AppliedWrite {
  readonly target: string;
  readonly op: "put" | "remove";
  readonly id: string;
  readonly outcome: "done" | "conflict" | "refused" | "failed";
  readonly cause?: string;
}

export interface MirrorApplied {
  readonly mirror: string;
  /** Set when another member leads: nothing was written then. */
  readonly leader?: string;
  readonly writes: readonly AppliedWrite[];
  /** What is left to be done, as a plan. */
  readonly left: MirrorPlan;
}

/** What became of the entries that were taken away. */
export type MirrorWithdrawn = Omit<MirrorApplied, "left">;
