/** Which namer a mirror reads. */
import type { Path } from "../naming/path.ts";

/** The longest prefix that its path begins with, of two alike the later. */
export function mirrorSource<T extends { readonly prefix: Path }>(from: Path, namers: readonly T[]): T | undefined {
  const name = from.drop(1);
  let best: T | undefined;
  for (const each of namers) {
    if (name.startsWith(each.prefix) && each.prefix.size >= (best?.prefix.size ?? 0)) best = each;
  }
  return best;
}
