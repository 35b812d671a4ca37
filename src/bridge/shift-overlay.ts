/** Compiles shifts into the dtab that lies over a router's own: the data path knows nothing of them. */
import { Dtab } from "../naming/dtab.ts";
import type { Dentry } from "../naming/dentry.ts";
import { type Branch, leaf, union } from "../naming/name-tree.ts";
import { Path } from "../naming/path.ts";
import { Prefix } from "../naming/prefix.ts";
import { percentOf, type ShiftPlan, type Weights } from "./shift.ts";

/** A shift that weighs something now. */
export interface Weighted {
  readonly plan: Pick<ShiftPlan, "name" | "path" | "from" | "to">;
  readonly weights: Weights;
}

/** The longer names last, since the later line wins. */
export function overlayOf(shifts: readonly Weighted[]): Dtab {
  const lines = shifts.map((each) => ({ ...each, size: Path.read(each.plan.path).size }));
  lines.sort((a, b) => a.size - b.size || (a.plan.name < b.plan.name ? -1 : 1));
  return lines.length === 0 ? Dtab.empty : new Dtab(lines.map(lineOf));
}

/**
 * A side that weighs nothing stays in the union of a shift that goes on, so that the way back is open at once, and it
 * takes all where the other is not registered any more; not so the side that was left by a rollback. Throws a TypeError
 * where both weigh nothing: a union of nothing splits evenly.
 */
function lineOf({ plan: { name, path, from, to }, weights }: Weighted): Dentry {
  const { from: old, to: next } = weights;
  if (!(old >= 0 && next >= 0 && old + next > 0)) throw new TypeError(`the weights of ${name} are ${old} and ${next}`);
  const branches: Branch<Path>[] = [{ weight: old, tree: leaf(Path.read(from)) }];
  if (next > 0) branches.push({ weight: next, tree: leaf(Path.read(to)) });
  return Object.freeze({
    prefix: new Prefix(Path.read(path).elems),
    dst: union(branches),
    place: `shift ${name} ${percentOf("to", weights)} %`,
  });
}
