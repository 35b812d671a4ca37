/** An interpreter whose bound names are transformed. */
import type { AddressSet } from "../base/address.ts";
import { ok, type State, Var } from "../base/var.ts";
import { childrenOf, type Delegation, type Step } from "./delegation.ts";
import type { Dtab } from "./dtab.ts";
import type { Interpreter } from "./interpreter.ts";
import { leaves, type NameTree } from "./name-tree.ts";
import type { Bound, WatchView } from "./namer.ts";
import type { Path } from "./path.ts";
import { inPlace, replaced, type Transformer, transformedLeaf, transformTree } from "./transformer.ts";

/** Owns the interpreter, and not the transformers. What it explains is what it binds. */
export class TransformedInterpreter implements Interpreter {
  readonly #interpreter: Interpreter;
  readonly #transformers: readonly Transformer[];

  constructor(interpreter: Interpreter, transformers: readonly Transformer[]) {
    this.#interpreter = interpreter;
    this.#transformers = transformers;
  }

  bind(local: Dtab, path: Path): Var<NameTree<Bound>> {
    return transformTree(this.#interpreter.bind(local, path), this.#transformers);
  }

  delegate(local: Dtab, path: Path): Var<Delegation> {
    return this.#transformed(this.#interpreter.delegate(local, path));
  }

  delegateBy(dtab: Dtab, path: Path): Var<Delegation> | undefined {
    const plain = this.#interpreter.delegateBy?.(dtab, path);
    return plain && this.#transformed(plain);
  }

  #transformed(plain: Var<Delegation>): Var<Delegation> {
    return this.#transformers.reduce<Var<Delegation>>(
      (each, transformer) => each.flatMap((delegation) => explain(delegation, transformer)),
      plain,
    );
  }

  watches(): readonly WatchView[] {
    return this.#interpreter.watches?.() ?? [];
  }

  release(name: string, why: "ordered" | "unreachable"): boolean {
    return this.#interpreter.release?.(name, why) === true;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#interpreter[Symbol.asyncDispose]();
  }
}

/** A tree together with what is known of the addresses of its leaves. */
interface Seen {
  readonly tree: NameTree<Bound>;
  readonly addresses: ReadonlyMap<Bound, State<AddressSet>>;
}

function seen(of: Var<NameTree<Bound>>): Var<Seen> {
  return of.flatMap((tree) => {
    const bounds = leaves(tree);
    return Var.combine(
      bounds.map((bound) => bound.addresses),
      (states) => ok({ tree, addresses: new Map(bounds.map((bound, at) => [bound, states[at] as State<AddressSet>])) }),
    );
  });
}

function explain(delegation: Delegation, transformer: Transformer): Var<Delegation> {
  if (transformer.instead) return explainInstead(delegation, transformer, transformer.instead);
  const { outcome, root } = delegation;
  const bounds = [...new Set([...boundsOf(root), ...(outcome.tag === "ok" ? leaves(outcome.value) : [])])];
  const answers = bounds.map((bound) => seen(transformedLeaf(transformer, bound)));
  return Var.combine(answers, (states) => {
    const become = new Map(bounds.map((bound, at) => [bound, states[at] as State<Seen>]));
    const trees = new Map(bounds.map((bound) => [bound, treeOf(become.get(bound) as State<Seen>)]));
    return ok({
      ...delegation,
      root: transformedStep(root, `/%${transformer.prefix.show}`, become),
      outcome: outcome.tag === "ok" ? ({ ...outcome, ...replaced(outcome.value, trees) } as typeof outcome) : outcome,
    });
  });
}

function explainInstead(delegation: Delegation, transformer: Transformer, tree: Var<NameTree<Bound>>): Var<Delegation> {
  const { path } = delegation;
  const answer = seen(inPlace(transformer, tree));
  return Var.combine([answer], ([state = { tag: "pending" }]) => {
    const next = stepOf(state, { path, used: true });
    return ok({ ...delegation, root: { kind: "delegate", path, used: true, next }, outcome: treeOf(state) });
  });
}

const treeOf = (state: State<Seen>): State<NameTree<Bound>> =>
  state.tag === "ok" ? { ...state, value: state.value.tree } : state;

/** Every bound name that an explanation comes to, used or not. */
function boundsOf(step: Step): Bound[] {
  return step.kind === "leaf" ? [step.bound] : childrenOf(step).flatMap(boundsOf);
}

/** The same steps, with one more behind each that ends at a bound name. */
function transformedStep(step: Step, name: string, become: ReadonlyMap<Bound, State<Seen>>): Step {
  switch (step.kind) {
    case "leaf": {
      const { path, used, dentry, namer, bound } = step;
      const at = { path, used, ...(dentry ? { dentry } : {}), ...(namer ? { namer } : {}) };
      const next = stepOf(become.get(bound) ?? { tag: "pending" }, { path, used });
      return { ...at, kind: "transformation", name, bound, next };
    }
    case "delegate":
    case "transformation":
      return { ...step, next: transformedStep(step.next, name, become) };
    case "alt":
      return { ...step, steps: step.steps.map((each) => transformedStep(each, name, become)) };
    case "union":
      return {
        ...step,
        steps: step.steps.map(({ weight, step: each }) => ({ weight, step: transformedStep(each, name, become) })),
      };
    default:
      return step;
  }
}

interface At {
  readonly path: Path;
  readonly used: boolean;
}

function stepOf(state: State<Seen>, at: At): Step {
  if (state.tag === "pending") return { ...at, kind: "pending" };
  if (state.tag === "failed") return { ...at, kind: "exception", message: state.cause.message };
  const { tree, addresses } = state.value;
  const visit = (each: NameTree<Bound>): Step => {
    switch (each.tag) {
      case "leaf":
        return { ...at, kind: "leaf", bound: each.value, addresses: addresses.get(each.value) ?? { tag: "pending" } };
      case "alt":
        return { ...at, kind: "alt", steps: each.trees.map(visit) };
      case "union":
        return {
          ...at,
          kind: "union",
          steps: each.branches.map(({ weight, tree: of }) => ({ weight, step: visit(of) })),
        };
      default:
        return { ...at, kind: each.tag };
    }
  };
  return visit(tree);
}
