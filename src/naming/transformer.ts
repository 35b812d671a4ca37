/** What changes bound names after a namer or an interpreter has made them. */
import { ok, type State, Var, withTrouble } from "../base/var.ts";
import { sameTree } from "./interpreter.ts";
import { flatMapLeaves, leaf, leaves, mapLeaves, type NameTree } from "./name-tree.ts";
import type { Bound } from "./namer.ts";
import { Path } from "./path.ts";

export interface Transformer extends AsyncDisposable {
  /** Begins the ids that it gives, after `/%`. */
  readonly prefix: Path;
  /**
   * What takes the place of a bound name; the ids in it do not begin with `prefix` yet. While it is not ok, nothing is
   * known of the whole name. For the same addresses it must give the same Var of addresses, not one that is like it.
   */
  transform(bound: Bound): Var<NameTree<Bound>>;
  /** Takes the place of whatever was bound, and of what was not: nothing else is asked for. */
  readonly instead?: Var<NameTree<Bound>>;
}

const transformed = Path.of("%");

/** What a tree is after all of `transformers`, the first of them first. */
export function transformTree(tree: Var<NameTree<Bound>>, transformers: readonly Transformer[]): Var<NameTree<Bound>> {
  return transformers.reduce((each, transformer) => transformBy(transformer, each), tree);
}

function transformBy(transformer: Transformer, tree: Var<NameTree<Bound>>): Var<NameTree<Bound>> {
  if (transformer.instead) return inPlace(transformer, transformer.instead);
  return tree.flatMap((value) => transformValue(transformer, value), { equals: sameTree });
}

function transformValue(transformer: Transformer, tree: NameTree<Bound>): Var<NameTree<Bound>> {
  const all = leaves(tree);
  if (all.length === 0) return Var.of(tree);
  const answers = all.map((bound) => transformedLeaf(transformer, bound));
  return Var.combine(answers, (states) => replaced(tree, new Map(all.map((bound, at) => [bound, states[at]]))));
}

/** What one bound name becomes, under its new ids. */
export function transformedLeaf(transformer: Transformer, bound: Bound): Var<NameTree<Bound>> {
  const name = transformed.concat(transformer.prefix);
  return transformer
    .transform(bound)
    .map((tree) => mapLeaves(tree, (each) => named(name, { ...each, before: { transformer: name.show, bound } })));
}

/** What stands in the place of everything, under its new ids. */
export function inPlace(transformer: Transformer, tree: Var<NameTree<Bound>>): Var<NameTree<Bound>> {
  const name = transformed.concat(transformer.prefix);
  return tree.map((value) => mapLeaves(value, (each) => named(name, each)));
}

function named(name: Path, bound: Bound): Bound {
  return Object.freeze({ ...bound, id: name.concat(bound.id) });
}

/** The tree with what its leaves have become; not ok while one of these is not. */
export function replaced(
  tree: NameTree<Bound>,
  become: ReadonlyMap<Bound, State<NameTree<Bound>> | undefined>,
): State<NameTree<Bound>> {
  let whole: State<unknown> = ok(undefined);
  for (const bound of leaves(tree)) {
    const state = become.get(bound);
    if (state === undefined) continue;
    if (state.tag !== "ok") return state;
    whole = withTrouble(whole, state);
  }
  const result = flatMapLeaves(tree, (bound) => {
    const state = become.get(bound);
    return state?.tag === "ok" ? state.value : leaf(bound);
  });
  return withTrouble(ok(result), whole);
}

/** An id without what transformers put before it: such as it is looked up by. */
export function untransformed(id: Path): Path {
  if (!id.startsWith(transformed)) return id;
  const begin = id.elems.findIndex((elem) => elem === "#" || elem === "$");
  return begin < 0 ? id : id.drop(begin);
}
