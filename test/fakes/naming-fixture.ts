/** Namers that a test drives by hand, and what a name is bound to at a moment. */
import { AddressSet } from "../../src/base/address.ts";
import { pending, type State, Var } from "../../src/base/var.ts";
import type { Delegation } from "../../src/naming/delegation.ts";
import { Dtab } from "../../src/naming/dtab.ts";
import { DtabInterpreter } from "../../src/naming/interpreter.ts";
import { leaf, type NameTree, neg, showTree } from "../../src/naming/name-tree.ts";
import type { NamerEntry } from "../../src/naming/namer-table.ts";
import type { Bound, Name, Namer } from "../../src/naming/namer.ts";
import { Path } from "../../src/naming/path.ts";
import { systemNamers } from "../../src/naming/system-namers.ts";

/** A Var that the test sets; it keeps what it was last given, whether observed or not. */
export class Dial<T> {
  #state: State<T> = pending;
  readonly #setters = new Set<(state: State<T>) => void>();
  readonly var: Var<T> = Var.source<T>((set) => {
    this.#setters.add(set);
    if (this.#state.tag !== "pending") set(this.#state);
    return { [Symbol.dispose]: () => void this.#setters.delete(set) };
  });

  get observed(): boolean {
    return this.#setters.size > 0;
  }

  set(state: State<T>): void {
    this.#state = state;
    // Those that begin to listen meanwhile have been given the state already.
    Array.from(this.#setters).forEach((setter) => setter(state));
  }
}

/** Binds the first element of a path; each first element has a dial of its own. */
export class DialNamer implements Namer {
  readonly dials = new Map<string, Dial<NameTree<Name>>>();

  dial(name: string): Dial<NameTree<Name>> {
    const dial = this.dials.get(name) ?? new Dial<NameTree<Name>>();
    this.dials.set(name, dial);
    return dial;
  }

  lookup(path: Path): Var<NameTree<Name>> {
    return path.elems[0] === undefined ? Var.of(neg) : this.dial(path.elems[0]).var;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.dials.clear();
  }
}

export function bound(
  id: string,
  residual = "/",
  addresses: Var<AddressSet> = Var.of(AddressSet.empty),
): NameTree<Bound> {
  return leaf({ kind: "bound", id: Path.read(id), addresses, residual: Path.read(residual) });
}

export const toPath = (path: string): NameTree<Name> => leaf({ kind: "path", path: Path.read(path) });

export const showBound = (name: Bound): string => `${name.id.show}@${name.residual.show}`;

export const noDns = systemNamers({
  clock: { now: () => 0, wall: () => 0, timer: () => ({ [Symbol.dispose]: () => undefined }) },
  random: { next: () => 0.5 },
  resolver: { addresses: () => Promise.reject(new Error("no resolver here")) },
});

export function interpreter(dtab: string | Var<Dtab>, namers: readonly NamerEntry[] = []): DtabInterpreter {
  const base = typeof dtab === "string" ? Var.of(Dtab.read(dtab)) : dtab;
  return new DtabInterpreter({ dtab: base, namers, systemNamers: noDns });
}

/** The tree as text, `pending`, or `failed: <message>`. */
export function showState(state: State<NameTree<Bound>>): string {
  if (state.tag === "pending") return "pending";
  return state.tag === "failed" ? `failed: ${state.cause.message}` : showTree(state.value, showBound);
}

/** What a Var says as soon as it is observed. */
export function now<T>(source: Var<T>): State<T> {
  let seen: State<T> = pending;
  source.observe((state) => (seen = state))[Symbol.dispose]();
  return seen;
}

export function bindNow(dtab: string, path: string, namers: readonly NamerEntry[] = []): string {
  return showState(now(interpreter(dtab, namers).bind(Dtab.empty, Path.read(path))));
}

export function explainNow(dtab: string, path: string, namers: readonly NamerEntry[] = []): Delegation {
  const state = now(interpreter(dtab, namers).delegate(Dtab.empty, Path.read(path)));
  if (state.tag !== "ok") throw new Error(`not explained: ${state.tag}`);
  return state.value;
}
