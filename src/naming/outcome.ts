/** What a part of a binding came to, and the step that says so where it is explained. */
import { failed, ok, pending, type State } from "../base/var.ts";
import type { Step } from "./delegation.ts";
import type { NameTree } from "./name-tree.ts";
import type { Bound } from "./namer.ts";

/** `goOn` says that an alt may treat this failure as a no. */
export type Outcome = { readonly step?: Step } & (
  | { readonly tag: "pending" }
  | { readonly tag: "failed"; readonly cause: Error; readonly goOn: boolean }
  | { readonly tag: "ok"; readonly tree: NameTree<Bound> }
);

/** The same with its step. There is one for each of thousands of alternatives, and a spread would cost more than the rest. */
export function explained(outcome: Outcome, step: Step): Outcome {
  if (outcome.tag === "ok") return { tag: "ok", tree: outcome.tree, step };
  if (outcome.tag === "pending") return { tag: "pending", step };
  return { tag: "failed", cause: outcome.cause, goOn: outcome.goOn, step };
}

/** The state that an outcome is, for those who follow the name. */
export function stateOf(outcome: Outcome): State<NameTree<Bound>> {
  if (outcome.tag === "ok") return ok(outcome.tree);
  return outcome.tag === "failed" ? failed(outcome.cause) : pending;
}
