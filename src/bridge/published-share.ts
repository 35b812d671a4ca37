/** Which of many instances are published, when not all are: those that hash highest, so that few changes move few. */
import type { PublishShare } from "./mirror-rules.ts";

/** `take` of each `of`, rounded up. The same for the same ids, in whatever order. */
export function publishedOf(ids: readonly string[], { take, of }: PublishShare): ReadonlySet<string> {
  const count = Math.min(ids.length, Math.ceil((ids.length * take) / of));
  if (count === ids.length) return new Set(ids);
  const ranked = ids.map((id) => ({ id, rank: rankOf(id) }));
  ranked.sort((a, b) => b.rank - a.rank || (a.id < b.id ? -1 : 1));
  return new Set(ranked.slice(0, count).map(({ id }) => id));
}

/** FNV-1a, then mixed, since ids that differ in their last letter would be neighbours. */
function rankOf(id: string): number {
  let hash = 0x811c9dc5;
  for (let at = 0; at < id.length; at++) hash = Math.imul(hash ^ id.charCodeAt(at), 0x01000193);
  hash = Math.imul(hash ^ (hash >>> 16), 0x85ebca6b);
  hash = Math.imul(hash ^ (hash >>> 13), 0xc2b2ae35);
  return (hash ^ (hash >>> 16)) >>> 0;
}
