/** A namer that makes other paths of paths, and asks nobody. */
import { Var } from "../base/var.ts";
import { leaf, type NameTree, neg } from "./name-tree.ts";
import type { Name, Namer } from "./namer.ts";
import type { Path } from "./path.ts";

/** `rewrite` sees a path without the namer's prefix; what it gives is looked up from the top, and nothing is `neg`. */
export class RewritingNamer implements Namer {
  readonly #rewrite: (path: Path) => Path | undefined;

  constructor(rewrite: (path: Path) => Path | undefined) {
    this.#rewrite = rewrite;
  }

  lookup(path: Path): Var<NameTree<Name>> {
    const to = this.#rewrite(path);
    return Var.of<NameTree<Name>>(to === undefined ? neg : leaf({ kind: "path", path: to }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Holds nothing.
  }
}
