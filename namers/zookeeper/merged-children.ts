/** The children of a node after some of them were read again. */
import type { NodeChildren } from "./node-kind.ts";

/** What was read, by name; `undefined` is gone. */
export type ReadChildren<T> = ReadonlyMap<string, T | undefined>;

/** `known` with what was read: `known` itself where all of that is the same, and the same objects where they are. */
export function changedChildren<T>(
  known: NodeChildren<T>,
  read: ReadChildren<T>,
  isSame: (a: T, b: T) => boolean,
): NodeChildren<T> {
  // A copy of many children costs more than all the rest, and is seldom needed.
  let copy: Map<string, T> | undefined;
  for (const [name, child] of read) {
    const before = known.get(name);
    if (child === undefined) {
      if (before !== undefined) (copy ??= new Map(known)).delete(name);
    } else if (before === undefined || !isSame(before, child)) (copy ??= new Map(known)).set(name, child);
  }
  return copy ?? known;
}

/** Exactly those of `names` that are there: as they were read, or as they are known. */
export function listedChildren<T>(
  known: NodeChildren<T>,
  names: readonly string[],
  read: ReadChildren<T>,
  isSame: (a: T, b: T) => boolean,
): NodeChildren<T> {
  const listed = new Map<string, T>();
  let isAsBefore = true;
  for (const name of names) {
    const before = known.get(name);
    const now = read.has(name) ? read.get(name) : before;
    if (now === undefined) continue;
    const stays = before !== undefined && (now === before || isSame(before, now));
    isAsBefore &&= stays;
    listed.set(name, stays ? before : now);
  }
  return isAsBefore && listed.size === known.size ? known : listed;
}
