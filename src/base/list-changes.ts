/** What differs between two lists that are in the order of their keys and have each key once, and one made of the other. */
export interface ListChanges<T> {
  /** What is new, or another under its key. */
  readonly put: readonly T[];
  /** Keys that are there no more. */
  readonly removed: readonly string[];
}

/** Keys are made only of what is not the very same object in both. */
export function changesBetween<T extends object>(
  before: readonly T[],
  after: readonly T[],
  keyOf: (value: T) => string,
  isSame: (a: T, b: T) => boolean,
): ListChanges<T> {
  const put: T[] = [];
  const removed: string[] = [];
  let at = 0;
  for (const value of after) {
    if (before[at] === value) {
      at++;
      continue;
    }
    const key = keyOf(value);
    let other = before[at];
    for (; other !== undefined && other !== value; other = before[at]) {
      const otherKey = keyOf(other);
      if (otherKey >= key) break;
      removed.push(otherKey);
      at++;
    }
    const isKnown = other !== undefined && (other === value || keyOf(other) === key);
    if (isKnown) at++;
    if (!isKnown || !isSame(other as T, value)) put.push(value);
  }
  for (; at < before.length; at++) removed.push(keyOf(before[at] as T));
  return { put, removed };
}

/** `before` after these changes, in the same order: `changed(a, changesBetween(a, b))` is `b`. */
export function changed<T extends object>(
  before: readonly T[],
  { put, removed }: ListChanges<T>,
  keyOf: (value: T) => string,
): readonly T[] {
  const edits: { readonly key: string; readonly value?: T }[] = removed.map((key) => ({ key }));
  for (const value of put) edits.push({ key: keyOf(value), value });
  edits.sort((a, b) => (a.key < b.key ? -1 : 1));
  const after: T[] = [];
  let from = 0;
  for (const { key, value } of edits) {
    const at = placeOf(key, before, keyOf);
    for (; from < at; from++) after.push(before[from] as T);
    const other = before[at];
    if (other !== undefined && keyOf(other) === key) from = at + 1;
    if (value !== undefined) after.push(value);
  }
  for (; from < before.length; from++) after.push(before[from] as T);
  // What grows by pushing has room that it does not need.
  return after.slice();
}

/** Before which of `sorted` the key has its place. */
function placeOf<T>(key: string, sorted: readonly T[], keyOf: (value: T) => string): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (keyOf(sorted[middle] as T) < key) from = middle + 1;
    else to = middle;
  }
  return from;
}
