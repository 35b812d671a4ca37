/** Namers that know some names and never change their mind, for laws about what configurations bind. */
import { AddressSet } from "../../src/base/address.ts";
import { Var } from "../../src/base/var.ts";
import type { Config } from "../../src/config/config.ts";
import { leaf, type NameTree, neg } from "../../src/naming/name-tree.ts";
import type { NamerEntry } from "../../src/naming/namer-table.ts";
import type { Bound, Name, Namer } from "../../src/naming/namer.ts";
import { Path } from "../../src/naming/path.ts";
import { bindNow } from "./naming-fixture.ts";

/** Binds a whole path, or nothing. `exists` is asked with the path as a configuration writes it, `/#/zk/users`. */
class ConstantNamer implements Namer {
  readonly #prefix: Path;
  readonly #exists: (id: string) => boolean;
  constructor(prefix: Path, exists: (id: string) => boolean) {
    this.#prefix = Path.of("#").concat(prefix);
    this.#exists = exists;
  }

  lookup(path: Path): Var<NameTree<Name>> {
    if (!this.#exists(this.#prefix.concat(path).show)) return Var.of(neg);
    const bound: Bound = { kind: "bound", id: path, addresses: Var.of(AddressSet.empty), residual: Path.empty };
    return Var.of<NameTree<Name>>(leaf(bound));
  }

  [Symbol.asyncDispose](): Promise<void> {
    return Promise.resolve();
  }
}

/** What the first, or another, router of a configuration binds a name to, as text. */
export function boundBy(config: Config, name: string, exists: (id: string) => boolean, router = 0): string {
  const entries: readonly NamerEntry[] = config.namers.map(({ prefix, whenUnreachable }) => ({
    prefix,
    whenUnreachable,
    namer: new ConstantNamer(prefix, exists),
  }));
  return bindNow(config.routers[router]?.dtab.show ?? "", name, entries);
}
