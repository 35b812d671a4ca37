/** What turns logical names into bound names, and the one that does it by a dtab. */
import { ok, type State, Var, type VarOptions, withTrouble } from "../base/var.ts";
import { Binding } from "./bind.ts";
import type { Delegation, Step } from "./delegation.ts";
import { Dtab } from "./dtab.ts";
import { LiveBinding, type LiveHome } from "./live-binding.ts";
import { type NameTree, treeEquals } from "./name-tree.ts";
import { type NamerEntry, NamerTable } from "./namer-table.ts";
import type { Bound, Namer, WatchView } from "./namer.ts";
import { type Outcome, stateOf } from "./outcome.ts";
import type { Path } from "./path.ts";
import { SharedAddresses } from "./shared-addresses.ts";

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
  readonly #source: DtabInterpreterOptions["source"];
  readonly #home: LiveHome;

  constructor(options: DtabInterpreterOptions) {
    this.#dtab = options.dtab;
    this.#below = options.below ?? Var.of(Dtab.empty);
    this.#source = options.source;
    const namers = new NamerTable(options.namers, options.systemNamers);
    this.#home = { namers, shared: new SharedAddresses() };
  }

  bind(local: Dtab, path: Path): Var<NameTree<Bound>> {
    return new BoundName({ base: this.#dtab, local, path }, this.#home);
  }

  delegate(local: Dtab, path: Path): Var<Delegation> {
    return new ExplainedName({ base: this.#dtab, local, path }, this.#home);
  }

  delegateBy(dtab: Dtab, path: Path): Var<Delegation> {
    return new ExplainedName({ base: this.#below, local: dtab, path }, this.#home);
  }

  watches(): readonly WatchView[] {
    return this.#source?.watches() ?? [];
  }

  release(name: string, why: "ordered" | "unreachable"): boolean {
    return this.#source?.release(name, why) === true;
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

interface NameParts {
  readonly base: Var<Dtab>;
  /** Laid over it. */
  readonly local: Dtab;
  readonly path: Path;
}

/** A name by a dtab. */
abstract class NameByDtab<R> extends LiveBinding<R> {
  readonly #base: Var<Dtab>;
  protected readonly local: Dtab;
  protected readonly path: Path;

  constructor({ base, local, path }: NameParts, home: LiveHome, options: VarOptions<R>) {
    super(home, options);
    this.#base = base;
    this.local = local;
    this.path = path;
  }

  protected start(): Disposable {
    return this.listenTo(this.#base);
  }
}

const byTree = { equals: sameTree };

class BoundName extends NameByDtab<NameTree<Bound>> {
  constructor(parts: NameParts, home: LiveHome) {
    super(parts, home, byTree);
  }

  protected evaluate(dtab: State<Dtab>): State<NameTree<Bound>> {
    if (dtab.tag !== "ok") return dtab;
    const binding = new Binding(dtab.value.concat(this.local), this, this.path, false);
    return withTrouble(binding.withTrouble(stateOf(binding.run(this.path))), dtab);
  }
}

class ExplainedName extends NameByDtab<Delegation> {
  constructor(parts: NameParts, home: LiveHome) {
    super(parts, home, {});
  }

  protected override get isPatient(): boolean {
    return true;
  }

  protected evaluate(dtab: State<Dtab>): State<Delegation> {
    const { path } = this;
    if (dtab.tag !== "ok") return ok({ path, root: unbound(dtab, path), outcome: dtab, steps: 0 });
    const binding = new Binding(dtab.value.concat(this.local), this, path, true);
    const outcome = binding.run(path);
    const state = withTrouble(binding.withTrouble(stateOf(outcome)), dtab);
    const delegation = { path, root: rootOf(outcome, path), outcome: state, steps: binding.steps };
    return withTrouble(ok(delegation), dtab);
  }
}
