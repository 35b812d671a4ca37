/** One rule of a dtab. */
import { type NameTree, showTree } from "./name-tree.ts";
import type { Path } from "./path.ts";
import type { Prefix } from "./prefix.ts";

/** Where a dentry stands in the text it was read from: [start, end), in UTF-16 units. */
export interface SourceRange {
  readonly start: number;
  readonly end: number;
}

/** What `prefix` matches is looked up as `dst` instead. */
export interface Dentry {
  readonly prefix: Prefix;
  readonly dst: NameTree<Path>;
  readonly at?: SourceRange;
  /** Of a dtab that lies in a file or a key of its own: where, such as `routes.dtab:7`. */
  readonly place?: string;
}

/** As a dentry is written in a dtab. */
export function showDentry(dentry: Dentry): string {
  // Joined, and not added up: what is added up keeps its parts beside the whole.
  return [dentry.prefix.show, showTree(dentry.dst)].join("=>");
}
