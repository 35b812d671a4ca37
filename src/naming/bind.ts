/** Binds a path: the one walk through dtab and namers that both the router's binding and its explanation are made of. */
import type { AddressSet } from "../base/address.ts";
import { type State, withTrouble } from "../base/var.ts";
import { Budget, MAX_SPARE_LOOKUPS, MAX_STEPS } from "./budget.ts";
import { afterTransformers, type Step, type StepPlace } from "./delegation.ts";
import type { Dentry } from "./dentry.ts";
import type { Dtab } from "./dtab.ts";
import { type Branch, leaf, type NameTree, neg, union } from "./name-tree.ts";
import type { Candidate } from "./namer-table.ts";
import type { Bound, Name } from "./namer.ts";
import { explained, type Outcome } from "./outcome.ts";
import type { Path } from "./path.ts";

/** What a binding reads of the world outside the dtab. */
export interface Surroundings {
  candidates(path: Path): readonly Candidate[];
  lookup(candidate: Candidate, path: Path): State<NameTree<Name>>;
  /** The bound name with its full id, and with the one `addresses` Var of that id. */
  bound(candidate: Candidate, name: Bound): Bound;
  /** Only asked for by an explanation. */
  addresses(bound: Bound): State<AddressSet>;
}

interface Place extends StepPlace {
  readonly depth: number;
}

/**
 * One binding of one path at one moment.
 *
 * - An alt is its first child that is not `neg`, whatever that is: a tree, `empty`, `fail`, pending or failed. Only the
 *   failure of a namer with `whenUnreachable: next` lets it go on; when nothing after it answers, that failure stays.
 * - A union is the split of its children that bound to something; pending and failed ones are left out meanwhile. Where
 *   none of them would serve (`empty`, or the weight 0) it is pending if a child is; with none at all failed, else `neg`.
 * - Past depth 100 a branch is failed; past the other bounds of `Budget` the whole binding is.
 */
export class Binding {
  readonly #dtab: Dtab;
  readonly #around: Surroundings;
  readonly #explain: boolean;
  #budget: Budget;
  /** Whether what is walked now decides the answer; false in alternatives that only an explanation looks at. */
  #used = true;
  readonly #trouble: State<unknown>[] = [];
  /** What alternatives that cannot be the answer may cost. */
  readonly #spare: Budget;

  constructor(dtab: Dtab, around: Surroundings, path: Path, explain: boolean) {
    this.#dtab = dtab;
    this.#around = around;
    this.#explain = explain;
    this.#budget = new Budget(path);
    this.#spare = new Budget(path, MAX_STEPS, MAX_SPARE_LOOKUPS);
  }

  get steps(): number {
    return this.#budget.steps;
  }

  run(path: Path): Outcome {
    const refused = this.#budget.enter(0) ?? this.#budget.admits(path.size);
    const place: Place = { path, depth: 0 };
    const outcome = refused ? this.#failed(refused, place) : this.#lookup(path, place);
    const { exhausted } = this.#budget;
    if (exhausted === undefined) return outcome;
    return { tag: "failed", cause: exhausted, goOn: false, ...(outcome.step ? { step: outcome.step } : {}) };
  }

  /** `state` with the staleness of everything that this binding has read. */
  withTrouble<T>(state: State<T>): State<T> {
    return this.#trouble.reduce<State<T>>((worst, each) => withTrouble(worst, each), state);
  }

  /** `place.path` is what a tree said; `place.dentry` the rule that said it. */
  #lookup(path: Path, place: Place): Outcome {
    const refused = this.#budget.reaches(place.depth + 1);
    if (refused) return this.#failed(refused, { ...place, path });
    const matches = this.#dtab.matches(path);
    const only = matches[0];
    if (only === undefined || (matches.length === 1 && only.dst.tag === "neg")) return this.#ask(path, place);
    const inner: Place = { ...place, path, depth: place.depth + 1 };
    if (matches.length === 1) return this.#delegate(this.#apply(only, inner), inner);
    this.#budget.spend(matches.length - 1);
    return this.#alt(matches, (dentry) => this.#apply(dentry, inner), inner);
  }

  #apply(dentry: Dentry, place: Place): Outcome {
    this.#budget.use(dentry);
    const rest = place.path.drop(dentry.prefix.size);
    const here: Place = { path: place.path, dentry, depth: place.depth };
    return this.#visit(dentry.dst, here, (dst) => {
      const refused = this.#budget.admits(dst.size + rest.size);
      if (refused) return this.#failed(refused, here);
      return this.#lookup(dst.concat(rest), here);
    });
  }

  #ask(path: Path, place: Place): Outcome {
    const here: Place = { ...place, path };
    let skipped: Outcome | undefined;
    for (const candidate of this.#around.candidates(path)) {
      const refused = this.#budget.lookUp();
      if (refused) return this.#failed(refused, here);
      const state = this.#around.lookup(candidate, path);
      if (this.#used) this.#trouble.push(state);
      const asked: Place = { ...here, namer: candidate.prefix };
      if (state.tag === "pending")
        return this.#note({ tag: "pending" }, () => ({ kind: "pending", ...this.#at(asked) }));
      if (state.tag === "failed") {
        const outcome = this.#failed(state.cause, asked, candidate.goOn);
        if (!candidate.goOn) return outcome;
        skipped ??= outcome;
      } else if (state.value.tag !== "neg") return this.#named(candidate, state.value, asked);
    }
    return skipped ?? this.#constant(neg, here);
  }

  #named(candidate: Candidate, tree: NameTree<Name>, place: Place): Outcome {
    const inner: Place = { ...place, depth: place.depth + 1 };
    const outcome = this.#visit(tree, inner, (name) => {
      if (name.kind === "bound") return this.#bound(this.#around.bound(candidate, name), inner);
      const refused = this.#budget.admits(name.path.size);
      return refused ? this.#failed(refused, inner) : this.#lookup(name.path, { path: inner.path, depth: inner.depth });
    });
    return tree.tag === "leaf" && tree.value.kind === "path" ? this.#delegate(outcome, place) : outcome;
  }

  #bound(bound: Bound, place: Place): Outcome {
    return this.#note({ tag: "ok", tree: leaf(bound) }, () => {
      const at = this.#at(place);
      return afterTransformers(bound, at, { kind: "leaf", ...at, bound, addresses: this.#around.addresses(bound) });
    });
  }

  #visit<T>(tree: NameTree<T>, place: Place, onLeaf: (value: T) => Outcome): Outcome {
    const budget = this.#budget;
    const refused = budget.enter(place.depth);
    if (refused) return this.#failed(refused, place);
    const outcome = this.#open(tree, place, onLeaf);
    budget.leave();
    return outcome;
  }

  #open<T>(tree: NameTree<T>, place: Place, onLeaf: (value: T) => Outcome): Outcome {
    switch (tree.tag) {
      case "leaf":
        return onLeaf(tree.value);
      case "alt":
        return this.#alt(tree.trees, (each) => this.#visit(each, place, onLeaf), place);
      case "union":
        return this.#union(tree.branches, (each) => this.#visit(each, place, onLeaf), place);
      default:
        return this.#constant(tree, place);
    }
  }

  #alt<C>(children: readonly C[], bind: (child: C) => Outcome, place: Place): Outcome {
    let answer: Outcome | undefined;
    let skipped: Outcome | undefined;
    const steps: Step[] = [];
    for (const child of children) {
      const outcome = answer ? this.#aside(() => bind(child)) : bind(child);
      if (outcome.step) steps.push(outcome.step);
      if (answer) continue;
      if (outcome.tag === "failed" && outcome.goOn) skipped ??= outcome;
      else if (outcome.tag !== "ok" || outcome.tree.tag !== "neg") answer = outcome;
      if ((answer && !this.#explain) || this.#budget.exhausted) break;
    }
    const result = answer ?? skipped ?? { tag: "ok", tree: neg };
    return this.#note(result, () => ({ kind: "alt", ...this.#at(place), steps: spliced(steps, place.path) }));
  }

  /** Walks an alternative that cannot be the answer any more: on its own account, and without consequence. */
  #aside(walk: () => Outcome): Outcome {
    const used = this.#used;
    const budget = this.#budget;
    this.#budget = this.#spare;
    this.#used = false;
    const outcome = walk();
    this.#used = used;
    this.#budget = budget;
    return outcome;
  }

  #union<T>(branches: readonly Branch<T>[], bind: (tree: NameTree<T>) => Outcome, place: Place): Outcome {
    const only = branches[0];
    if (branches.length === 1 && only) return bind(only.tree);
    const kept: Branch<Bound>[] = [];
    const steps: { weight: number; step: Step }[] = [];
    let waiting: Outcome | undefined;
    let lost: Outcome | undefined;
    for (const { weight, tree } of branches) {
      const outcome = bind(tree);
      if (outcome.step) steps.push({ weight, step: outcome.step });
      if (outcome.tag === "pending") waiting ??= outcome;
      else if (outcome.tag === "failed") lost ??= outcome;
      else if (outcome.tree.tag !== "neg" && outcome.tree.tag !== "fail") kept.push({ weight, tree: outcome.tree });
      if (this.#budget.exhausted) break;
    }
    const split = kept.length > 1 ? union(kept) : (kept[0]?.tree ?? neg);
    const serves = kept.some(({ weight, tree }) => weight > 0 && tree.tag !== "empty");
    const nothing = serves ? undefined : (waiting ?? (kept.length === 0 ? lost : undefined));
    return this.#note(nothing ?? { tag: "ok", tree: split }, () => ({ kind: "union", ...this.#at(place), steps }));
  }

  #constant(tree: NameTree<never>, place: Place): Outcome {
    const kind = tree.tag === "empty" || tree.tag === "fail" ? tree.tag : "neg";
    return this.#note({ tag: "ok", tree }, () => {
      return { kind, path: place.path, dentry: place.dentry, namer: place.namer, used: this.#used };
    });
  }

  #failed(cause: Error, place: Place, goOn = false): Outcome {
    const step = (): Step => ({ kind: "exception", ...this.#at(place), message: cause.message });
    return this.#note({ tag: "failed", cause, goOn }, step);
  }

  /** The step from `place` to `child`; a child about the same path says it all, unless it is an end without a name. */
  #delegate(child: Outcome, place: Place): Outcome {
    return this.#note(child, () => {
      const next = child.step as Step;
      const end = next.kind === "neg" || next.kind === "fail" || next.kind === "empty";
      if (next.path.equals(place.path) && !end) return { ...next, dentry: place.dentry };
      const { path, dentry, namer } = place;
      return { kind: "delegate", path, dentry, namer, used: this.#used, next };
    });
  }

  #at(place: Place): StepPlace & { used: boolean } {
    return { path: place.path, dentry: place.dentry, namer: place.namer, used: this.#used };
  }

  #note(outcome: Outcome, step: () => Step): Outcome {
    return this.#explain ? explained(outcome, step()) : outcome;
  }
}

/** An alt within an alt about the same path adds nothing for a reader. */
function spliced(steps: readonly Step[], path: Path): readonly Step[] {
  const isSame = (step: Step): boolean => step.kind === "alt" && step.path.equals(path);
  if (!steps.some(isSame)) return steps;
  return steps.flatMap((step) => (step.kind === "alt" && isSame(step) ? step.steps : [step]));
}
