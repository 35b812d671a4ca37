/** What a discovery system must offer to be written to: by mirrors, and by servers that announce themselves. */
import type { Instance } from "../base/instance.ts";
import type { Var } from "../base/var.ts";
import type { Path } from "./path.ts";

/**
 * Who writes. The `group` is what daemons share that stand in for each other, such as a mirror's name; it is carried by
 * every entry and decides what may be touched. The `member` is one daemon's life: a restart is another member.
 */
export interface Owner {
  readonly group: string;
  readonly member: string;
}

/** An entry as it stands at the target. */
export interface StandingEntry {
  /** What the registry calls it: the znode's path, the service's id, the slice and address. Unique at the target. */
  readonly key: string;
  /** As read back; its `id` is that of the instance it was made of, its `origin` what the entry carries. */
  readonly instance: Instance;
  /** The group that wrote it; undefined for what no announcer wrote. */
  readonly group?: string;
  /** Whether it hangs on this daemon's own lease. */
  readonly mine: boolean;
}

/** Everything that stands at a target, read in full, at one time. */
export interface Standing {
  readonly entries: readonly StandingEntry[];
  /** Why nothing may be written there, in one sentence: a Service with a selector, an owner that is not an announcer. */
  readonly refusal?: string;
  /** Groups whose entries nobody keeps true any more, and when their lease ended (epoch ms), where the registry tells. */
  readonly orphaned?: ReadonlyMap<string, number>;
}

/** `put` makes the entry of an instance or changes it; `remove` takes a key of `Standing`, and only of the own group. */
export type EntryChange =
  { readonly op: "put"; readonly instance: Instance } | { readonly op: "remove"; readonly key: string };

/** What became of one change. `conflict`: someone else's entry is in the way, or went away from under it. */
export type EntryOutcome =
  { readonly tag: "done" } | { readonly tag: "conflict" | "refused" | "failed"; readonly cause: string };

/** One write as it would be made, for people. */
export interface PlannedWrite {
  readonly op: "create" | "update" | "delete";
  /** The znode, service or object. */
  readonly object: string;
  /** What would stand there. */
  readonly data?: string;
}

/**
 * One target of an announcer: a Curator service, a serverset, a Consul service, a Kubernetes Service. What was put is
 * kept true until it is removed: when the lease was lost, it is made again under the next one.
 */
export interface Announcement extends AsyncDisposable {
  /** Rejects when it could not be read in full: an error is never an empty list. */
  standing(signal: AbortSignal): Promise<Standing>;
  /** What `write` would do to what `standing` last gave; writes nothing. */
  plan(changes: readonly EntryChange[]): readonly PlannedWrite[];
  /** One outcome for each change, in their order. Batches stay within what the registry bears. */
  write(changes: readonly EntryChange[], signal: AbortSignal): Promise<readonly EntryOutcome[]>;
  /**
   * Whether the registry still counts the own entries as alive. Stale while it does not answer; the value is the number
   * of leases so far, so that a new one is seen even when nobody looked in between.
   */
  readonly lease: Var<number>;
  /** Lets go of the target and leaves what stands there to the lease's end, or to the next member of the group. */
  abandon(): Promise<void>;
  /** Removes what this member put, in batches, then lets go. */
  [Symbol.asyncDispose](): Promise<void>;
}

/**
 * A place among the daemons of one group. Who leads stops leading by its own clock before the registry could give its
 * place away, so that no two lead at once.
 */
export interface Election extends AsyncDisposable {
  /** Whether this member leads, and who does; pending until first asked, stale while nobody answers. */
  readonly state: Var<{ readonly leads: boolean; readonly leader?: string }>;
  /** Resigns. */
  [Symbol.asyncDispose](): Promise<void>;
}

/** Writes instances into one discovery system. Closing it removes what its announcements put, unless abandoned before. */
export interface Announcer extends AsyncDisposable {
  /**
   * `path` goes on where the configuration's own place ends: `/` is that place itself. Opens nothing until it is used.
   * One announcement for a path and owner at a time.
   */
  announce(path: Path, owner: Owner): Announcement;
  /**
   * The targets below the configuration's place at which the group has entries, also those that no announcement is open
   * for; so what a former configuration wrote is found.
   */
  owned(group: string, signal: AbortSignal): Promise<readonly Path[]>;
  elect(owner: Owner): Election;
}
