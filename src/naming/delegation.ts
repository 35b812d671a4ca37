/** How a name came to be bound, for people. */
import type { AddressSet } from "../base/address.ts";
import type { State } from "../base/var.ts";
import type { Dentry } from "./dentry.ts";
import type { NameTree } from "./name-tree.ts";
import type { Bound } from "./namer.ts";
import type { Path } from "./path.ts";

/** Where a step stands: about which path, by which rule it came there, and which namer was asked (`/#/...`, `/$/...`). */
export interface StepPlace {
  readonly path: Path;
  readonly dentry?: Dentry | undefined;
  readonly namer?: Path | undefined;
}

/** One step. `used` is false for alternatives that were only looked at for this explanation. */
export type Step = StepPlace & { readonly used: boolean } & (
    | { readonly kind: "delegate"; readonly next: Step }
    | { readonly kind: "alt"; readonly steps: readonly Step[] }
    | { readonly kind: "union"; readonly steps: readonly { readonly weight: number; readonly step: Step }[] }
    /** `addresses` is the state at the moment of the explanation, with its revision, age, staleness and hold. */
    | { readonly kind: "leaf"; readonly bound: Bound; readonly addresses: State<AddressSet> }
    /** Of transformers: `bound` is what came in, `next` what went out. */
    | { readonly kind: "transformation"; readonly name: string; readonly bound: Bound; readonly next: Step }
    | { readonly kind: "neg" | "empty" | "fail" | "pending" }
    | { readonly kind: "exception"; readonly message: string }
  );

/** The explanation of one name at one moment. */
export interface Delegation {
  readonly path: Path;
  readonly root: Step;
  /** What the name is bound to, as `bind` says it at the same moment. */
  readonly outcome: State<NameTree<Bound>>;
  /** How many steps of the allowed number the binding took. */
  readonly steps: number;
}

/** What is directly below a step. */
export function childrenOf(step: Step): readonly Step[] {
  switch (step.kind) {
    case "delegate":
    case "transformation":
      return [step.next];
    case "alt":
      return step.steps;
    case "union":
      return step.steps.map((each) => each.step);
    default:
      return [];
  }
}

/** Every bound name of an explanation that is part of the answer, left to right. */
export function usedLeaves(step: Step): Bound[] {
  if (step.kind === "leaf") return step.used ? [step.bound] : [];
  return childrenOf(step).flatMap(usedLeaves);
}

/** The step to `bound`, behind what its namer's transformers made it of. */
export function afterTransformers(bound: Bound, at: StepPlace & { readonly used: boolean }, next: Step): Step {
  const { before } = bound;
  if (before === undefined) return next;
  const step: Step = { kind: "transformation", ...at, name: before.transformer, bound: before.bound, next };
  return afterTransformers(before.bound, at, step);
}
