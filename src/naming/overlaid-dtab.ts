/** A dtab with another one laid over it that may change, for as many names as a router has. */
import { Derived } from "../base/cell.ts";
import { ok, type State, type Var, withTrouble } from "../base/var.ts";
import type { Dtab } from "./dtab.ts";

export class OverlaidDtab extends Derived<Dtab, Dtab> {
  readonly #base: Dtab;
  /** Both together are made once for each overlay. */
  #last: { readonly over: Dtab; readonly both: Dtab } | undefined;

  constructor(base: Dtab, over: Var<Dtab>) {
    super(over, {});
    this.#base = base;
  }

  apply(over: State<Dtab>): State<Dtab> {
    if (over.tag !== "ok") return over;
    if (this.#last?.over !== over.value) this.#last = { over: over.value, both: this.#base.concat(over.value) };
    return withTrouble(ok(this.#last.both), over);
  }
}
