/** What turns logical names into bound names, and the one that does it by a dtab. */
import type { AddressSet } from "../base/address.ts";
import { ok, pending, type State, Var, withTrouble } from "../base/var.ts";
import { Binding, type Outcome, stateOf, type Surroundings } from "./bind.ts";
import type { Delegation, Step } from "./delegation.ts";
import type { Dtab } from "./dtab.ts";
import { Follows } from "./follows.ts";
import { type NameTree, treeEquals } from "./name-tree.ts";
import { type Candidate, type NamerEntry, NamerTable } from "./namer-table.ts";
import type { Bound, Name, Namer } from "./namer.ts";
import type { Path } from "./path.ts";
import { type AddressLease, SharedAddresses } from "./shared-addresses.ts";

/** Turns a logical name into bound names, and can explain how. */
export interface Interpreter extends AsyncDisposable {
  /** Trees of bound names are simplified and hold no alt, unless they come from a remote interpreter. */
  bind(local: Dtab, path: Path): Var<NameTree<Bound>>;
  /** For the admin page and the CLI. A name that is not bound yet, or cannot be, is a value all the same. */
  delegate(local: Dtab, path: Path): Var<Delegation>;
}

export interface DtabInterpreterOptions {
  /** The base dtab; a local one is laid over it. */
  readonly dtab: Var<Dtab>;
  /** As in the file: where prefixes overlap, the later one is asked first. */
  readonly namers: readonly NamerEntry[];
  /** By kind: what is reached under `/$/<kind>`. */
  readonly systemNamers: ReadonlyMap<string, Namer>;
}

/** Interprets a dtab that may change. It owns neither the dtab nor the namers; its Vars work while they are observed. */
export class DtabInterpreter implements Interpreter {
  readonly #dtab: Var<Dtab>;
  readonly #namers: NamerTable;
  readonly #shared = new SharedAddresses();

  constructor(options: DtabInterpreterOptions) {
    this.#dtab = options.dtab;
    this.#namers = new NamerTable(options.namers, options.systemNamers);
  }

  bind(local: Dtab, path: Path): Var<NameTree<Bound>> {
    const evaluate = (dtab: Dtab, around: Surroundings): State<NameTree<Bound>> => {
      const binding = new Binding(dtab.concat(local), around, path, false);
      return binding.withTrouble(stateOf(binding.run(path)));
    };
    return Var.source((set) => this.#live(evaluate, set), { equals: sameTree });
  }

  delegate(local: Dtab, path: Path): Var<Delegation> {
    const evaluate = (dtab: Dtab, around: Surroundings): State<Delegation> => {
      const binding = new Binding(dtab.concat(local), around, path, true);
      const outcome = binding.run(path);
      const state = binding.withTrouble(stateOf(outcome));
      return ok({ path, root: rootOf(outcome, path), outcome: state, steps: binding.steps });
    };
    return Var.source((set) => this.#live(evaluate, set));
  }

  #live<R>(evaluate: Evaluate<R>, set: (state: State<R>) => void): Disposable {
    return new LiveBinding(this.#dtab, this.#namers, this.#shared.lease(), evaluate, set);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    // Everything that runs here runs for an observer, and ends with it.
  }
}

/** True when both say the same of the same services. */
export function sameTree(a: NameTree<Bound>, b: NameTree<Bound>): boolean {
  return treeEquals(a, b, sameBound);
}

function sameBound(a: Bound, b: Bound): boolean {
  return a.addresses === b.addresses && a.id.equals(b.id) && a.residual.equals(b.residual);
}

function rootOf(outcome: Outcome, path: Path): Step {
  return outcome.step ?? { kind: "pending", path, used: true };
}

type Evaluate<R> = (dtab: Dtab, around: Surroundings) => State<R>;

/** Binds anew, as a whole, whenever the dtab or anything that the last binding has read changes. */
class LiveBinding<R> implements Surroundings, Disposable {
  readonly #namers: NamerTable;
  readonly #lease: AddressLease;
  readonly #evaluate: Evaluate<R>;
  readonly #set: (state: State<R>) => void;
  readonly #lookups = new Follows<NameTree<Name>>(() => this.#again());
  readonly #addresses = new Follows<AddressSet>(() => this.#again());
  readonly #base: Disposable;
  #dtab: State<Dtab> = pending;
  #running = false;
  #outdated = false;
  #done = false;

  constructor(
    dtab: Var<Dtab>,
    namers: NamerTable,
    lease: AddressLease,
    evaluate: Evaluate<R>,
    set: (state: State<R>) => void,
  ) {
    this.#namers = namers;
    this.#lease = lease;
    this.#evaluate = evaluate;
    this.#set = set;
    this.#base = dtab.observe((state) => {
      this.#dtab = state;
      this.#again();
    });
  }

  candidates(path: Path): readonly Candidate[] {
    return this.#namers.candidates(path);
  }

  lookup(candidate: Candidate, path: Path): State<NameTree<Name>> {
    return this.#lookups.read(`${candidate.key} ${path.show}`, () => candidate.lookup());
  }

  bound(candidate: Candidate, name: Bound): Bound {
    const id = candidate.prefix.concat(name.id);
    const addresses = this.#lease.share(id.show, name.addresses);
    return Object.freeze({ kind: "bound", id, addresses, residual: name.residual });
  }

  addresses(bound: Bound): State<AddressSet> {
    return this.#addresses.read(bound.id.show, () => bound.addresses);
  }

  /** A change during a binding, or while its result is told, waits for its end. */
  #again(): void {
    this.#outdated = true;
    if (this.#running) return;
    this.#running = true;
    try {
      while (this.#outdated && !this.#done) {
        this.#outdated = false;
        this.#run();
      }
    } finally {
      this.#running = false;
    }
  }

  #run(): void {
    const dtab = this.#dtab;
    if (dtab.tag !== "ok") return this.#set(dtab);
    const state = withTrouble(this.#evaluate(dtab.value, this), dtab);
    this.#lookups.sweep();
    this.#addresses.sweep();
    this.#lease.sweep();
    this.#set(state);
  }

  [Symbol.dispose](): void {
    this.#done = true;
    this.#base?.[Symbol.dispose]();
    this.#lookups[Symbol.dispose]();
    this.#addresses[Symbol.dispose]();
    this.#lease[Symbol.dispose]();
  }
}
