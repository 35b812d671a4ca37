/** A namer whose bound names are transformed. */
import { Var } from "../base/var.ts";
import { flatMapLeaves, leaf, leaves, mapLeaves, type NameTree, neg, treeEquals } from "./name-tree.ts";
import type { Bound, Name, Namer } from "./namer.ts";
import type { Path } from "./path.ts";
import { type Transformer, transformTree } from "./transformer.ts";

/** Owns neither the namer nor the transformers. Its ids are whole: they begin with `/%`, and with `prefix` further in. */
export class TransformedNamer implements Namer {
  readonly #namer: Namer;
  readonly #prefix: Path;
  readonly #transformers: readonly Transformer[];

  /** `prefix` is what stands before the ids of `namer`, such as `/#/io.l5d.fs`. */
  constructor(namer: Namer, prefix: Path, transformers: readonly Transformer[]) {
    this.#namer = namer;
    this.#prefix = prefix;
    this.#transformers = transformers;
  }

  lookup(path: Path): Var<NameTree<Name>> {
    if (this.#transformers.some(({ instead }) => instead)) return transformTree(Var.of(neg), this.#transformers);
    return this.#namer.lookup(path).flatMap((tree) => this.#transformed(tree), { equals: sameNames });
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Everything that runs here runs for an observer, and ends with it.
  }

  /** Where a leaf is another path, that path is looked up first, and whoever binds it has transformers of its own. */
  #transformed(tree: NameTree<Name>): Var<NameTree<Name>> {
    const whole = mapLeaves(tree, (name) =>
      name.kind === "bound" ? Object.freeze({ ...name, id: this.#prefix.concat(name.id) }) : name,
    );
    const bound = onlyBound(whole);
    return bound ? transformTree(Var.of(bound), this.#transformers) : Var.of(whole);
  }
}

function onlyBound(tree: NameTree<Name>): NameTree<Bound> | undefined {
  if (leaves(tree).some((name) => name.kind !== "bound")) return undefined;
  return flatMapLeaves(tree, (name) => leaf(name as Bound));
}

function sameNames(a: NameTree<Name>, b: NameTree<Name>): boolean {
  return treeEquals(a, b, (one, other) => {
    if (one.kind === "path" || other.kind === "path")
      return one.kind === "path" && other.kind === "path" && one.path.equals(other.path);
    return one.addresses === other.addresses && one.id.equals(other.id) && one.residual.equals(other.residual);
  });
}
