/** Trees of names: one, ordered alternatives, or a split of the traffic; frozen data with functions beside it. */

/** `alt` is tried in order; `union` is split by weight; `neg` is unknown, `empty` known but nobody home, `fail` final. */
export type NameTree<T> =
  | { readonly tag: "leaf"; readonly value: T }
  | { readonly tag: "alt"; readonly trees: readonly NameTree<T>[] }
  | { readonly tag: "union"; readonly branches: readonly Branch<T>[] }
  | { readonly tag: "neg" }
  | { readonly tag: "empty" }
  | { readonly tag: "fail" };

/** `weight` is relative to its siblings: finite and not negative. */
export interface Branch<T> {
  readonly weight: number;
  readonly tree: NameTree<T>;
}

/** `~`: there is no such name; an alt goes on. */
export const neg: NameTree<never> = Object.freeze({ tag: "neg" });
/** `$`: the name exists and has nobody behind it; an alt stops here. */
export const empty: NameTree<never> = Object.freeze({ tag: "empty" });
/** `!`: no answer is wanted; an alt stops here. */
export const fail: NameTree<never> = Object.freeze({ tag: "fail" });

export const leaf = <T>(value: T): NameTree<T> => Object.freeze({ tag: "leaf", value });

export const alt = <T>(trees: readonly NameTree<T>[]): NameTree<T> =>
  Object.freeze({ tag: "alt", trees: Object.freeze([...trees]) });

export const union = <T>(branches: readonly Branch<T>[]): NameTree<T> =>
  Object.freeze({
    tag: "union",
    branches: Object.freeze(branches.map(({ weight, tree }) => Object.freeze({ weight, tree }))),
  });

/** The tree with each leaf's value replaced. */
export function mapLeaves<T, U>(tree: NameTree<T>, f: (value: T) => U): NameTree<U> {
  return flatMapLeaves(tree, (value) => leaf(f(value)));
}

/** The tree with each leaf replaced by a tree. */
export function flatMapLeaves<T, U>(tree: NameTree<T>, f: (value: T) => NameTree<U>): NameTree<U> {
  switch (tree.tag) {
    case "leaf":
      return f(tree.value);
    case "alt":
      return alt(tree.trees.map((each) => flatMapLeaves(each, f)));
    case "union":
      return union(tree.branches.map(({ weight, tree: each }) => ({ weight, tree: flatMapLeaves(each, f) })));
    default:
      return tree;
  }
}

/** Every leaf's value, left to right, reachable or not. */
export function leaves<T>(tree: NameTree<T>): T[] {
  // Nearly all trees are this, and a list that has grown has room for more than it holds.
  if (tree.tag === "leaf") return [tree.value];
  const found: T[] = [];
  const visit = (each: NameTree<T>): void => {
    if (each.tag === "leaf") found.push(each.value);
    else if (each.tag === "alt") each.trees.forEach(visit);
    else if (each.tag === "union") each.branches.forEach((branch) => visit(branch.tree));
  };
  visit(tree);
  return found;
}

/**
 * The smallest tree with the same meaning. An alt loses its `neg`s and what follows a `fail`; a union loses its `neg`s and
 * `fail`s and keeps `empty`; lists of none are `neg` and lists of one are that one. Nested lists are not flattened.
 */
export function simplify<T>(tree: NameTree<T>): NameTree<T> {
  if (tree.tag === "alt") return simplifyAlt(tree.trees);
  if (tree.tag === "union") return simplifyUnion(tree.branches);
  return tree;
}

function simplifyAlt<T>(trees: readonly NameTree<T>[]): NameTree<T> {
  const kept: NameTree<T>[] = [];
  for (const each of trees) {
    const simple = simplify(each);
    if (simple.tag === "neg") continue;
    kept.push(simple);
    if (simple.tag === "fail") break;
  }
  return kept.length > 1 ? alt(kept) : (kept[0] ?? neg);
}

function simplifyUnion<T>(branches: readonly Branch<T>[]): NameTree<T> {
  // A union of one is no split: it is that one even when that is `fail`, for binding and for showing alike.
  const only = branches[0];
  if (branches.length === 1 && only) return simplify(only.tree);
  const kept: Branch<T>[] = [];
  for (const { weight, tree } of branches) {
    const simple = simplify(tree);
    if (simple.tag !== "neg" && simple.tag !== "fail") kept.push({ weight, tree: simple });
  }
  return kept.length > 1 ? union(kept) : (kept[0]?.tree ?? neg);
}

/** The set of leaves that the tree stands for, or `undefined` when it stands for nothing: `neg` or `fail` in the end. */
export function evaluate<T>(tree: NameTree<T>, key: (value: T) => string): Map<string, T> | undefined {
  const simple = simplify(tree);
  switch (simple.tag) {
    case "leaf":
      return new Map([[key(simple.value), simple.value]]);
    case "empty":
      return new Map();
    case "alt":
      return evaluate(simple.trees[0] ?? neg, key);
    case "union": {
      const sets = simple.branches.map((branch) => evaluate(branch.tree, key)).filter((set) => set !== undefined);
      return sets.length === 0 ? undefined : new Map(sets.flatMap((set) => [...set]));
    }
    default:
      return undefined;
  }
}

/** Same shape, same weights, and leaves that `same` holds equal. */
export function treeEquals<T>(a: NameTree<T>, b: NameTree<T>, same: (a: T, b: T) => boolean = Object.is): boolean {
  if (a === b) return true;
  if (a.tag === "leaf") return b.tag === "leaf" && same(a.value, b.value);
  if (a.tag === "alt") {
    if (b.tag !== "alt" || a.trees.length !== b.trees.length) return false;
    return a.trees.every((tree, at) => treeEquals(tree, b.trees[at] as NameTree<T>, same));
  }
  if (a.tag === "union") {
    if (b.tag !== "union" || a.branches.length !== b.branches.length) return false;
    return a.branches.every(({ weight, tree }, at) => {
      const other = b.branches[at] as Branch<T>;
      return weight === other.weight && treeEquals(tree, other.tree, same);
    });
  }
  return a.tag === b.tag;
}

/** The text that reads back as this tree, its lists of one collapsed; `showLeaf` shows a leaf's value. */
export function showTree<T>(tree: NameTree<T>, showLeaf: (value: T) => string = defaultShow): string {
  const shown = collapse(tree);
  switch (shown.tag) {
    case "leaf":
      return showLeaf(shown.value);
    case "neg":
      return "~";
    case "empty":
      return "$";
    case "fail":
      return "!";
    case "alt":
      return shown.trees.map((each) => showChild(each, showLeaf, false)).join(" | ");
    case "union":
      return shown.branches
        .map(({ weight, tree: each }) => showWeight(weight) + showChild(each, showLeaf, true))
        .join(" & ");
  }
}

const defaultShow = (value: unknown): string => {
  if (typeof value === "object" && value !== null && "show" in value) return String(value.show);
  return String(value);
};

function showChild<T>(child: NameTree<T>, showLeaf: (value: T) => string, inUnion: boolean): string {
  const shown = collapse(child);
  const text = showTree(shown, showLeaf);
  return shown.tag === "alt" || (inUnion && shown.tag === "union") ? `(${text})` : text;
}

/** The tree without the lists of none or one at its root. */
function collapse<T>(tree: NameTree<T>): NameTree<T> {
  if (tree.tag === "alt" && tree.trees.length < 2) return collapse(tree.trees[0] ?? neg);
  if (tree.tag === "union" && tree.branches.length < 2) return collapse(tree.branches[0]?.tree ?? neg);
  return tree;
}

const showWeight = (weight: number): string => (weight === 1 ? "" : `${showNumber(weight)}*`);

/** A weight without exponent, with two decimals or as many as it takes to read back the same number. */
export function showNumber(weight: number): string {
  const rounded = weight.toFixed(2);
  if (Number(rounded) === weight && !rounded.includes("e")) return rounded;
  const [digits = "", exponent] = String(weight).split("e");
  if (exponent === undefined) return digits;
  return exponent.startsWith("-") ? smallNumber(digits, Number(exponent.slice(1))) : `${BigInt(weight)}.00`;
}

function smallNumber(digits: string, zeros: number): string {
  return `0.${"0".repeat(zeros - 1)}${digits.replace(".", "")}`;
}
