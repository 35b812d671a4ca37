/** How instances stand in the nodes of one kind of registry. */
import type { EntryMark, Instance } from "linkspan/plugin";
import type { ParentMode } from "./parents.ts";

/** What a node says; `mark` where an announcer wrote it. */
export interface ReadEntry {
  readonly instance: Instance;
  readonly mark?: EntryMark;
}

/** What is known of the place that an entry is written to. */
export interface Surroundings {
  /** The node that it stands below. */
  readonly place: string;
  /** What others have registered there. */
  readonly siblings: readonly Instance[];
  /** When the entry was first written, epoch ms. */
  readonly registeredAt: number;
}

export interface EntryFormat {
  readonly isSequential: boolean;
  readonly parents: ParentMode;
  /** Which children of a place are entries. */
  wants(name: string): boolean;
  /** The node's name, or what its sequence number follows. */
  nameOf(mark: EntryMark): string;
  /** Throws an Error that says why it is none; `name` is the node's. */
  read(data: Buffer, name: string): ReadEntry;
  /** Whether a mark stands in the name of each node; where it does not, whatever has other names is no entry. */
  readonly isMarkedByName: boolean;
  /** The mark that the name alone tells. */
  markIn(name: string): EntryMark | undefined;
  /** The node's data. Throws `EntryRefused` for what a reader could stumble over. */
  write(instance: Instance, mark: EntryMark, around: Surroundings): string;
}
