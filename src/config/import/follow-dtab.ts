/** Where a dtab leads a name in the end: a tree of concrete paths, without asking any namer. */
import { alt, flatMapLeaves, leaf, type NameTree, neg, simplify, union } from "../../naming/name-tree.ts";
import type { Dtab } from "../../naming/dtab.ts";
import type { Path } from "../../naming/path.ts";

const MAX_DEPTH = 100;
const MAX_STEPS = 10_000;

/** `undefined` where it leads on and on, or to a system namer that only binding can ask. */
export function followDtab(dtab: Dtab, name: Path): NameTree<Path> | undefined {
  const walk = new Walk(dtab);
  const tree = walk.path(name, 0);
  return walk.isLost ? undefined : flat(simplify(tree));
}

/** As a text that tells different trees apart. */
export function textOfTree(tree: NameTree<Path>): string {
  if (tree.tag === "leaf") return tree.value.show;
  if (tree.tag === "alt") return `(${tree.trees.map(textOfTree).join(" | ")})`;
  if (tree.tag === "union")
    return `(${tree.branches.map(({ weight, tree: each }) => `${weight}*${textOfTree(each)}`).join(" & ")})`;
  return tree.tag;
}

class Walk {
  isLost = false;
  #steps = 0;
  readonly #dtab: Dtab;
  constructor(dtab: Dtab) {
    this.#dtab = dtab;
  }

  path(path: Path, depth: number): NameTree<Path> {
    if (this.isLost || depth > MAX_DEPTH || ++this.#steps > MAX_STEPS) return this.#lost();
    const found = this.#dtab.lookup(path);
    if (found.tag !== "neg") return flatMapLeaves(found, (next) => this.path(next, depth + 1));
    const [first, kind, , port = ""] = path.elems;
    if (first === "#") return leaf(path);
    if (first !== "$") return neg;
    return kind === "inet" && /^\d+$/.test(port) ? leaf(path) : this.#lost();
  }

  #lost(): NameTree<Path> {
    this.isLost = true;
    return neg;
  }
}

/** The same with alternatives in one list, each once: whoever said no will say so again. */
function flat(tree: NameTree<Path>): NameTree<Path> {
  if (tree.tag === "union") return union(tree.branches.map(({ weight, tree: each }) => ({ weight, tree: flat(each) })));
  if (tree.tag !== "alt") return tree;
  const seen = new Set<string>();
  const all = tree.trees.map(flat).flatMap((each) => (each.tag === "alt" ? each.trees : [each]));
  const kept: NameTree<Path>[] = [];
  for (const each of all) {
    const text = textOfTree(each);
    if (seen.has(text)) continue;
    seen.add(text);
    kept.push(each);
    if (each.tag === "fail" || each.tag === "empty") break;
  }
  return kept.length === 1 ? (kept[0] ?? neg) : alt(kept);
}
