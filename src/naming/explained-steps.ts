/** The steps of an explanation as plain data: which way requests go, how many of them, and why not another way. */
import type { Step } from "./delegation.ts";
import type { ExplainedRules } from "./explained-rules.ts";
import type { ExplainedServices } from "./explained-services.ts";
import { answerAt, type End, type Split, type StepEnds } from "./step-ends.ts";

/** A bound name that requests go to. */
export interface ChosenName {
  readonly id: string;
  readonly residual: string;
  /** Of all requests for the name: more than 0, at most 1. */
  readonly share: number;
}

export interface ExplainedStep {
  readonly kind: Step["kind"];
  readonly path: string;
  /** Whether the answer is here, or will be. */
  readonly taken: boolean;
  /** Of all requests for the name, where it is taken and the name is bound. */
  readonly share?: number;
  /** Why it is not taken, where that was decided here; one clause. */
  readonly why?: string;
  /** In the split above it, as it is written. */
  readonly weight?: number;
  /** An index into `rules`: which one led here. */
  readonly rule?: number;
  readonly namer?: string;
  /** Of a leaf. */
  readonly id?: string;
  readonly residual?: string;
  /** Of a transformation. */
  readonly transformer?: string;
  /** Of an exception. */
  readonly message?: string;
  readonly next?: readonly ExplainedStep[];
}

type Made = { -readonly [K in keyof ExplainedStep]: ExplainedStep[K] };
type Leaf = Extract<Step, { readonly kind: "leaf" }>;

/** What its parent decided of a step. */
interface Lot {
  readonly taken: boolean;
  readonly share: number;
  readonly why?: string;
  readonly weight?: number;
}

/** Goes through one explanation. */
export class StepExplainer {
  readonly #rules: ExplainedRules;
  readonly #services: ExplainedServices;
  readonly #ends: StepEnds;
  readonly #chosen = new Map<string, ChosenName>();
  #isBound = false;

  constructor(rules: ExplainedRules, services: ExplainedServices, ends: StepEnds) {
    this.#rules = rules;
    this.#services = services;
    this.#ends = ends;
  }

  /** The bound names that requests go to, in the order of the steps; a name in two places has both shares. */
  get chosen(): readonly ChosenName[] {
    return [...this.#chosen.values()];
  }

  /** `isBound`: the name is bound to something, be it nothing. */
  explain(root: Step, isBound: boolean): ExplainedStep {
    this.#isBound = isBound;
    return this.#explain(root, { taken: true, share: 1 });
  }

  #explain(step: Step, lot: Lot): ExplainedStep {
    const { dentry, namer, kind, path } = step;
    const { taken, share, why, weight } = lot;
    const next = this.#below(step, lot);
    // There may be thousands: nothing is made that is only spread.
    const made: Made = { kind, path: path.show, taken };
    if (taken && this.#isBound) made.share = share;
    if (why !== undefined) made.why = why;
    if (weight !== undefined) made.weight = weight;
    if (dentry !== undefined) made.rule = this.#rules.indexOf(dentry);
    if (namer !== undefined) made.namer = namer.show;
    if (step.kind === "transformation") made.transformer = step.name;
    else if (step.kind === "exception") made.message = step.message;
    else if (step.kind === "leaf") Object.assign(made, this.#leaf(step, lot));
    if (next.length > 0) made.next = next;
    return made;
  }

  #leaf({ bound, addresses }: Leaf, { taken, share }: Lot): Pick<ChosenName, "id" | "residual"> {
    const id = bound.id.show;
    const residual = bound.residual.show;
    this.#services.note(bound, addresses);
    if (taken && this.#isBound) {
      const key = `${id} ${residual}`;
      this.#chosen.set(key, { id, residual, share: share + (this.#chosen.get(key)?.share ?? 0) });
    }
    return { id, residual };
  }

  #below(step: Step, { taken, share }: Lot): readonly ExplainedStep[] {
    switch (step.kind) {
      case "delegate":
      case "transformation":
        return [this.#explain(step.next, { taken, share })];
      case "alt":
        return this.#alternatives(step.steps, taken, share);
      case "union":
        return this.#branches(step.steps, taken, share);
      default:
        return [];
    }
  }

  #alternatives(steps: readonly Step[], taken: boolean, share: number): readonly ExplainedStep[] {
    const answer = taken ? answerAt(steps) : -1;
    const after = answer < 0 ? "" : whyNotAfter(answer, this.#ends.endOf(steps[answer] as Step));
    return steps.map((step, at) => {
      if (at === answer) return this.#explain(step, { taken, share });
      const why = at < answer ? whyPassed(this.#ends.endOf(step)) : after;
      return this.#explain(step, { taken: false, share: 0, ...(taken ? { why } : {}) });
    });
  }

  #branches(branches: Split, taken: boolean, share: number): readonly ExplainedStep[] {
    if (!taken) return branches.map(({ weight, step }) => this.#explain(step, { taken, share: 0, weight }));
    const parts = this.#ends.partsOf(branches);
    const total = [...parts.values()].reduce((sum, part) => sum + part, 0);
    const isWeighted = branches.some((branch) => branch.weight > 0 && parts.has(branch));
    return branches.map((branch) => {
      const { weight, step } = branch;
      const part = parts.get(branch) ?? 0;
      if (part > 0) return this.#explain(step, { taken, share: (share * part) / total, weight });
      const why = weight === 0 && isWeighted ? "its weight is 0" : whyLeftOut(this.#ends.endOf(step));
      return this.#explain(step, { taken: false, share: 0, weight, why });
    });
  }
}

/** Why an alternative was gone past. */
function whyPassed(end: End): string {
  if (end === "neg") return "it is no such name, so the next one was tried";
  return "its namer cannot be asked, and lets the next one be tried";
}

function whyNotAfter(answer: number, end: End): string {
  const first = `alternative ${answer + 1}`;
  if (end === "fail") return `${first} is !, which ends the name`;
  if (end === "pending") return `${first} is not answered yet`;
  if (end === "exception") return `${first} cannot be asked, and that is not a no`;
  return `${first} comes before it and is there`;
}

/** Why a branch of a split gets nothing, where that is not for its weight. */
function whyLeftOut(end: End): string {
  if (end === "neg") return "it is no such name; the others share its part";
  if (end === "fail") return "it is refused by a rule; the others share its part";
  if (end === "pending") return "it is not answered yet; the others share its part meanwhile";
  if (end === "exception") return "it cannot be asked; the others share its part meanwhile";
  return "nobody serves it; the others share its part meanwhile";
}
