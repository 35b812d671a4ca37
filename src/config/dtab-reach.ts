/** Which dentries of a dtab no name can come to. */
import { ITEMS_A_STEP } from "../base/turn.ts";
import type { Dtab } from "../naming/dtab.ts";
import type { Dentry } from "../naming/dentry.ts";
import { leaves } from "../naming/name-tree.ts";
import { Path } from "../naming/path.ts";

/** What a namer makes of a path: `bound` names alone, or paths that begin as one of these and go on as they like. */
export type Leads = "bound" | readonly Path[];

/**
 * The dentries that no name comes to which begins as one of `starts`. `leadsOf` says what the namer makes of a path that
 * begins with `/#/` or `/$/`. Takes more for possible than is: what it returns is unreachable for certain. A step a value.
 */
export function* unreached(
  dtab: Dtab,
  starts: readonly Path[],
  leadsOf: (path: Path) => Leads,
): Generator<void, { readonly dentries: readonly Dentry[]; readonly beginnings: readonly Path[] }> {
  const reached = new Set<Dentry>();
  const seen = new Map<string, Path>();
  const waiting: Path[] = [];
  const come = (path: Path): void => {
    if (seen.has(path.show)) return;
    seen.set(path.show, path);
    waiting.push(path);
  };
  for (const start of starts) come(start);
  for (let path = waiting.pop(); path !== undefined && reached.size < dtab.size; path = waiting.pop()) {
    for (const dentry of dtab.mayMatch(path)) {
      if (reached.has(dentry)) continue;
      if (reached.add(dentry).size % ITEMS_A_STEP === 0) yield;
      leaves(dentry.dst).forEach(come);
    }
    const leads = isOfNamer(path) ? leadsOf(path) : "bound";
    if (leads !== "bound") leads.forEach(come);
  }
  return { dentries: dtab.dentries.filter((dentry) => !reached.has(dentry)), beginnings: [...seen.values()] };
}

/** Any path at all. */
export const anywhere: Leads = [Path.empty];

function isOfNamer({ elems }: Path): boolean {
  return elems[0] === "#" || elems[0] === "$";
}
