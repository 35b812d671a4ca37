/** What all targets of a mirror share while it leads. */
import type { Turnstile } from "../base/turnstile.ts";
import type { DeletionCap } from "./deletion-cap.ts";
import type { MirrorEvents } from "./mirror-events.ts";
import type { MirrorParts } from "./mirror-parts.ts";
import type { AppliedWrite } from "./mirror-plan.ts";
import type { MirrorRules } from "./mirror-rules.ts";
import type { ProbedAddresses } from "./probed-addresses.ts";
import type { Workable } from "./work-line.ts";
import type { WritePace } from "./write-pace.ts";

export interface NameHome {
  readonly parts: MirrorParts;
  readonly rules: MirrorRules;
  /** Aborts when this member leads no more. */
  readonly signal: AbortSignal;
  readonly pace: WritePace;
  /** Of writes. */
  readonly turns: Turnstile;
  readonly cap: DeletionCap;
  readonly events: MirrorEvents;
  readonly probed?: ProbedAddresses;
  /** Whether nothing is written. */
  readonly isDry: boolean;
  /** Whether an operator approved of all that is absent. */
  readonly isApproved: boolean;
  /** Which look at everything is under way. */
  readonly cycle: number;
  /** The name is to be worked on. */
  due(name: Workable, isUrgent: boolean): void;
  /** A step of it has ended. */
  worked(): void;
  wrote(write: AppliedWrite): void;
  /** What another took away or changed is put again. */
  repaired(): void;
}
