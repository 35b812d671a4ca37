/** What is read of the children of a node, and what is kept of it. */

/** Children by name. `undefined` in its place: there is no such node. A new one for each change, so it may be kept. */
export type NodeChildren<T> = ReadonlyMap<string, T>;

/** Nodes whose children are read alike. */
export interface NodeKind<T> {
  /** Otherwise only the names are read, and every child's data is empty. */
  readonly withData: boolean;
  /**
   * Which children are of interest; all unless given. Where it is given, what is below the node is watched as a whole
   * only once there is such a child: the node may be a mere folder, of which little is wanted and much is told.
   */
  readonly wants?: (name: string) => boolean;
  /**
   * What is kept of a child of the node at `path`: the data is not. Called once for each data of a child, and never
   * throws: what cannot be read is a value, too.
   */
  read(data: Uint8Array, name: string, path: string): T;
  /** Whether the same was read again: then what was kept stays as it is. */
  isSame(a: T, b: T): boolean;
  /** The same in less room, where it is to be kept for long and looked at seldom; as they are unless given. */
  packed?(children: NodeChildren<T>): NodeChildren<T>;
}

/** Data that cannot be read, and why. */
export class Unreadable {
  readonly why: string;

  constructor(why: string) {
    this.why = why;
  }
}

/** What `read` makes, or why it threw. */
export function orUnreadable<T>(read: () => T): T | Unreadable {
  try {
    return read();
  } catch (error) {
    return new Unreadable(error instanceof Error ? error.message : String(error));
  }
}

/** Names alone. */
export const namesOnly: NodeKind<true> = { withData: false, read: () => true, isSame: () => true };
