/** Which dentries, and which branches, are never asked because others decide before them. */
import { ITEMS_A_STEP } from "../base/turn.ts";
import type { Dtab } from "../naming/dtab.ts";
import type { Dentry } from "../naming/dentry.ts";
import { leaves, type NameTree, showTree } from "../naming/name-tree.ts";
import type { Path } from "../naming/path.ts";
import { PrefixTree } from "../naming/prefix-tree.ts";

/** `by` stands later in the dtab, and wins. */
export interface Shadow {
  readonly dentry: Dentry;
  readonly by: Dentry;
  /** Whether both say the same. */
  readonly same: boolean;
}

/**
 * The dentries that a later one says again, or that a later one with an answer for every such name stands before. A step
 * a value: who reads on may do other things between.
 */
export function* shadows(dtab: Dtab): Generator<void, readonly Shadow[]> {
  const found: Shadow[] = [];
  const deciding = new PrefixTree<Dentry>();
  const later = new Map<string, Dentry>();
  for (let at = dtab.size - 1; at >= 0; at--) {
    if (at % ITEMS_A_STEP === 0) yield;
    const dentry = dtab.dentries[at] as Dentry;
    const shown = dtab.lines[at] as string;
    const twin = later.get(shown);
    const by = twin ?? deciding.covering(dentry.prefix);
    if (by) found.push({ dentry, by, same: twin !== undefined });
    later.set(shown, dentry);
    if (decides(dentry.dst, dtab)) deciding.add(dentry.prefix, dentry);
  }
  return found.reverse();
}

/** The alternatives that stand behind one which always decides, as they are written; `!`, `$` and `~` harm nobody there. */
export function deadBranches(tree: NameTree<Path>, dtab: Dtab): readonly string[] {
  if (tree.tag === "union") return tree.branches.flatMap((branch) => deadBranches(branch.tree, dtab));
  if (tree.tag !== "alt") return [];
  const last = tree.trees.findIndex((each) => decides(each, dtab));
  const alive = last < 0 ? tree.trees : tree.trees.slice(0, last + 1);
  const dead = tree.trees.slice(alive.length).filter((each) => leaves(each).length > 0);
  return [...alive.flatMap((each) => deadBranches(each, dtab)), ...dead.map((each) => showTree(each))];
}

/** Whether it always is something other than `~`, whatever any registry says. */
function decides(tree: NameTree<Path>, dtab: Dtab): boolean {
  switch (tree.tag) {
    case "alt":
      return tree.trees.some((each) => decides(each, dtab));
    case "union":
      return tree.branches.some(({ tree: each }) => each.tag !== "fail" && decides(each, dtab));
    case "leaf":
      return isConstant(tree.value) && dtab.matches(tree.value).length === 0;
    default:
      return tree.tag !== "neg";
  }
}

/** Bound without asking anybody. */
function isConstant({ elems, size }: Path): boolean {
  if (elems[0] !== "$") return false;
  const kind = elems[1];
  return kind === "nil" || kind === "fail" || ((kind === "inet" || kind === "fixedinet") && size > 3);
}
