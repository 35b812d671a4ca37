/** An ephemeral node that is kept as it was ordered, whatever happens to its session. */
import { join } from "./paths.ts";

/** Why an entry is not written, whatever the state of the registry. */
export class EntryRefused extends Error {}

/** Someone else's node is where the entry would be. */
export class EntryConflict extends Error {}

/** Digits that a server appends to the name of a sequential node. */
const SEQUENCE_BYTES = 10;

export interface EntryOrder {
  /** The node that it stands below. */
  readonly place: string;
  /** The node's name, or what its sequence number follows. */
  readonly name: string;
  readonly isSequential: boolean;
  readonly data: Buffer;
}

export class KeptEntry {
  readonly place: string;
  readonly isSequential: boolean;
  /** Without the sequence number. */
  readonly path: string;
  data: Buffer;
  /** Where it stands; `undefined` where it is still to be made. */
  at: string | undefined;
  /** Whether a session sees to it. */
  isKept = false;
  /** Whether its creation is on its way. */
  isBeingMade = false;
  /** Whether it may stand already where `at` does not say so: the answer to its creation was lost. */
  isSuspect = false;
  /** Whether somebody still wants it; one that was let go is not made again. */
  isWanted = true;

  constructor({ place, name, isSequential, data }: EntryOrder) {
    this.place = place;
    this.isSequential = isSequential;
    this.path = join(place, name);
    this.data = data;
  }

  /** Whether somebody has to make it. */
  get isMissing(): boolean {
    return this.at === undefined && !this.isBeingMade;
  }

  /** What it takes of a session's room. */
  get pathBytes(): number {
    return Buffer.byteLength(this.path) + (this.isSequential ? SEQUENCE_BYTES : 0);
  }
}
