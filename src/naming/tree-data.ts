/** Trees of names as plain data and back, for other threads and for files; whoever uses them says what a leaf is. */
import { alt, empty, fail, leaf, type NameTree, neg, union } from "./name-tree.ts";

/** With full weights, whatever the tree's text would round. */
export type TreeData<V> =
  | readonly ["leaf", V]
  | readonly ["alt", readonly TreeData<V>[]]
  | readonly ["union", readonly (readonly [weight: number, tree: TreeData<V>])[]]
  | readonly ["neg" | "empty" | "fail"];

export function encodeTree<T, V>(tree: NameTree<T>, encode: (value: T) => V): TreeData<V> {
  switch (tree.tag) {
    case "leaf":
      return ["leaf", encode(tree.value)];
    case "alt":
      return ["alt", tree.trees.map((each) => encodeTree(each, encode))];
    case "union":
      return ["union", tree.branches.map((branch) => [branch.weight, encodeTree(branch.tree, encode)] as const)];
    default:
      return [tree.tag];
  }
}

export function decodeTree<V, T>(data: TreeData<V>, decode: (value: V) => T): NameTree<T> {
  switch (data[0]) {
    case "leaf":
      return leaf(decode(data[1]));
    case "alt":
      return alt(data[1].map((each) => decodeTree(each, decode)));
    case "union":
      return union(data[1].map(([weight, tree]) => ({ weight, tree: decodeTree(tree, decode) })));
    case "neg":
      return neg;
    case "empty":
      return empty;
    case "fail":
      return fail;
  }
}
