/** What turns logical names into bound names, and the one that does it by a dtab. */
import type { AddressSet } from "../base/address.ts";
import { observeAs } from "../base/observer.ts";
import { ok, pending, type State, Var, withTrouble } from "../base/var.ts";
import { Binding, type Outcome, stateOf, type Surroundings } from "./bind.ts";
import type { Delegation, Step } from "./delegation.ts";
import { Dtab } from "./dtab.ts";
import { Follows } from "./follows.ts";
import { type NameTree, treeEquals } from "./name-tree.ts";
import { type Candidate, type NamerEntry, NamerTable } from "./namer-table.ts";
import type { Bound, Name, Namer, WatchView } from "./namer.ts";
import type { Path } from "./path.ts";
import { type AddressLease, SharedAddresses } from "./shared-addresses.ts";

/** Turns a logical name into bound names, and can explain how. */
export interface Interpreter extends AsyncDisposable {
  /** Trees of bound names are simplified and hold no alt, unless they come from a remote interpreter. */
  bind(local: Dtab, path: Path): Var<NameTree<Bound>>;
  /** For the admin page and the CLI. A name that is not bound yet, or cannot be, is a value all the same. */
  delegate(local: Dtab, path: Path): Var<Delegation>;
  /** The same by another dtab in place of the router's; what the interpreter has below that stays. Not all can do it. */
  delegateBy?(dtab: Dtab, path: Path): Var<Delegation> | undefined;
  /** What it follows itself, such as the dtab in a file; nothing where it follows nothing. */
  watches?(): readonly WatchView[];
  /** As a namer's `release`, of what it follows under that name. */
  release?(name: string, why: "ordered" | "unreachable"): boolean;
}

export interface DtabInterpreterOptions {
  /** The base dtab; a local one is laid over it. */
  readonly dtab: Var<Dtab>;
  /** What of the base dtab is not the router's own; nothing if it is not said. */
  readonly below?: Var<Dtab>;
  /** As in the file: where prefixes overlap, the later one is asked first. */
  readonly namers: readonly NamerEntry[];
  /** By kind: what is reached under `/$/<kind>`. */
  readonly systemNamers: ReadonlyMap<string, Namer>;
  /** Where the dtab comes from a source of its own. */
  readonly source?: Pick<Required<Interpreter>, "watches" | "release">;
}

/** Interprets a dtab that may change. It owns neither the dtab nor the namers; its Vars work while they are observed. */
export class DtabInterpreter implements Interpreter {
  readonly #dtab: Var<Dtab>;
  readonly #below: Var<Dtab>;
  readonly #namers: NamerTable;
  readonly #source: DtabInterpreterOptions["source"];
  readonly #shared = new SharedAddresses();

  constructor(options: DtabInterpreterOptions) {
    this.#dtab = options.dtab;
    this.#below = options.below ?? Var.of(Dtab.empty);
    this.#source = options.source;
    this.#namers = new NamerTable(options.namers, options.systemNamers);
  }

  bind(local: Dtab, path: Path): Var<NameTree<Bound>> {
    const evaluate: Evaluate<NameTree<Bound>> = (dtab, around) => {
      if (dtab.tag !== "ok") return dtab;
      const binding = new Binding(dtab.value.concat(local), around, path, false);
      return withTrouble(binding.withTrouble(stateOf(binding.run(path))), dtab);
    };
    const live = { base: this.#dtab, evaluate, isPatient: false };
    return Var.source((set) => this.#live(live, set), { equals: sameTree });
  }

  delegate(local: Dtab, path: Path): Var<Delegation> {
    return this.#explain(this.#dtab, local, path);
  }

  delegateBy(dtab: Dtab, path: Path): Var<Delegation> {
    return this.#explain(this.#below, dtab, path);
  }

  #explain(base: Var<Dtab>, local: Dtab, path: Path): Var<Delegation> {
    const evaluate: Evaluate<Delegation> = (dtab, around) => {
      if (dtab.tag !== "ok") return ok({ path, root: unbound(dtab, path), outcome: dtab, steps: 0 });
      const binding = new Binding(dtab.value.concat(local), around, path, true);
      const outcome = binding.run(path);
      const state = withTrouble(binding.withTrouble(stateOf(outcome)), dtab);
      const delegation = { path, root: rootOf(outcome, path), outcome: state, steps: binding.steps };
      return withTrouble(ok(delegation), dtab);
    };
    return Var.source((set) => this.#live({ base, evaluate, isPatient: true }, set));
  }

  watches(): readonly WatchView[] {
    return this.#source?.watches() ?? [];
  }

  release(name: string, why: "ordered" | "unreachable"): boolean {
    return this.#source?.release(name, why) === true;
  }

  #live<R>(live: Live<R>, set: (state: State<R>) => void): Disposable {
    return new LiveBinding(live, this.#namers, this.#shared.lease(), set);
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

/** Of a name of which the dtab is not known. */
function unbound(dtab: State<Dtab>, path: Path): Step {
  if (dtab.tag !== "failed") return { kind: "pending", path, used: true };
  return { kind: "exception", path, used: true, message: dtab.cause.message };
}

type Evaluate<R> = (dtab: State<Dtab>, around: Surroundings) => State<R>;

interface Live<R> {
  readonly base: Var<Dtab>;
  readonly evaluate: Evaluate<R>;
  /** Whether it lets answers come together: it may be behind by `PATIENCE` times as many as are still waited for. */
  readonly isPatient: boolean;
}

const PATIENCE = 4;

/** Binds anew, as a whole, whenever the dtab or anything that the last binding has read changes. */
class LiveBinding<R> implements Surroundings, Disposable {
  readonly #namers: NamerTable;
  readonly #lease: AddressLease;
  readonly #live: Live<R>;
  readonly #set: (state: State<R>) => void;
  readonly #lookups = new Follows<NameTree<Name>>(this);
  /** Only an explanation reads addresses. */
  #addresses: Follows<AddressSet> | undefined;
  readonly #base: Disposable;
  #dtab: State<Dtab> = pending;
  #running = false;
  #outdated = false;
  #done = false;
  /** Since the last binding. */
  #answers = 0;

  constructor(live: Live<R>, namers: NamerTable, lease: AddressLease, set: (state: State<R>) => void) {
    this.#namers = namers;
    this.#lease = lease;
    this.#live = live;
    this.#set = set;
    this.#base = observeAs(live.base, this);
  }

  /** Of the base dtab. */
  heard(_run: number, state: State<Dtab>): void {
    this.#dtab = state;
    this.#again();
  }

  candidates(path: Path): readonly Candidate[] {
    return this.#namers.candidates(path);
  }

  lookup(candidate: Candidate, path: Path): State<NameTree<Name>> {
    return this.#lookups.read(`${candidate.key} ${path.show}`, () => candidate.lookup());
  }

  bound(candidate: Candidate, name: Bound): Bound {
    const id = candidate.idPrefix.concat(name.id);
    const addresses = this.#lease.share(id.show, name.addresses);
    const { residual, before } = name;
    return Object.freeze({ kind: "bound", id, addresses, residual, ...(before ? { before } : {}) });
  }

  addresses(bound: Bound): State<AddressSet> {
    this.#addresses ??= new Follows<AddressSet>(this);
    return this.#addresses.read(bound.id.show, () => bound.addresses);
  }

  /** Of what was read. */
  moved(): void {
    this.#answers++;
    // A whole walk after each of thousands of answers would take thousands of thousands of steps.
    const waiting = this.#lookups.waiting + (this.#addresses?.waiting ?? 0);
    if (!this.#live.isPatient || this.#answers >= waiting * PATIENCE) this.#again();
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
    this.#answers = 0;
    const state = this.#live.evaluate(this.#dtab, this);
    this.#lookups.sweep();
    this.#addresses?.sweep();
    this.#lease.sweep();
    this.#set(state);
  }

  [Symbol.dispose](): void {
    this.#done = true;
    this.#base?.[Symbol.dispose]();
    this.#lookups[Symbol.dispose]();
    this.#addresses?.[Symbol.dispose]();
    this.#lease[Symbol.dispose]();
  }
}
