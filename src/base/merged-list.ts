/** A list in the order of its keys, after a few of very many have changed. */

/** Of fewer it costs nothing to begin anew. */
const LEAST = 64;
/** Where more than this share is new, it costs less to begin anew. */
const MOST_NEW = 1 / 16;

/**
 * `now` in the order of its keys, where most of it are the very objects of `sorted`, which is in that order and has no
 * two of one key. `undefined` where there is a shorter way to it, or where two have the same key.
 */
export function mergedList<T extends object>(
  sorted: readonly T[],
  now: readonly T[],
  keyOf: (value: T) => string,
): readonly T[] | undefined {
  if (now.length < LEAST) return undefined;
  const fresh = new Set(now);
  const isDouble = fresh.size < now.length;
  const kept = sorted.filter((value) => fresh.delete(value));
  if (isDouble || fresh.size > kept.length * MOST_NEW) return undefined;
  const added = Array.from(fresh, (value) => ({ key: keyOf(value), value })).sort((a, b) => (a.key < b.key ? -1 : 1));
  const merged: T[] = [];
  let from = 0;
  let last: string | undefined;
  for (const { key, value } of added) {
    const at = placeOf(key, kept, keyOf);
    const next = kept[at];
    if (key === last || (next && keyOf(next) === key)) return undefined;
    for (; from < at; from++) merged.push(kept[from] as T);
    merged.push(value);
    last = key;
  }
  for (; from < kept.length; from++) merged.push(kept[from] as T);
  return merged;
}

/** Before which of `sorted` the key has its place. */
export function placeOf<T>(key: string, sorted: readonly T[], keyOf: (value: T) => string): number {
  let from = 0;
  let to = sorted.length;
  while (from < to) {
    const middle = (from + to) >> 1;
    if (keyOf(sorted[middle] as T) < key) from = middle + 1;
    else to = middle;
  }
  return from;
}
