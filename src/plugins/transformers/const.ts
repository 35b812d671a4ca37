/** `io.l5d.const`: one path in the place of everything, whether it is bound or not. */
import { type Bound, definePlugin, type NameTree, Path, s, type Transformer, type Var } from "linkspan/plugin";
import { prefixKey } from "./options.ts";

export class ConstTransformer implements Transformer {
  readonly prefix: Path;
  readonly instead: Var<NameTree<Bound>>;

  constructor(prefix: Path, instead: Var<NameTree<Bound>>) {
    this.prefix = prefix;
    this.instead = instead;
  }

  transform(): Var<NameTree<Bound>> {
    return this.instead;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Holds nothing.
  }
}

export default definePlugin({
  api: 1,
  family: "transformer",
  kind: "io.l5d.const",
  schema: s.object({ ...prefixKey, path: s.path({ doc: "Bound by the configured namers, without a dtab." }) }),
  create: ({ prefix, path }, { bind }) => new ConstTransformer(prefix ?? Path.of("io.l5d.const"), bind(path)),
});
