/** Delegations as plain data, for `explain --json`. */
import { addressKey, type AddressSet } from "../base/address.ts";
import type { State } from "../base/var.ts";
import { childrenOf, type Delegation, type Step } from "../naming/delegation.ts";
import { showDentry, type Dentry } from "../naming/dentry.ts";

export function delegationData(delegation: Delegation, placeOf: (dentry: Dentry) => string): object {
  const { path, outcome, steps, root } = delegation;
  return { path: path.show, state: outcome.tag, steps, root: stepData(root, placeOf) };
}

function stepData(step: Step, placeOf: (dentry: Dentry) => string): object {
  const { dentry, namer } = step;
  const place = dentry === undefined ? "" : placeOf(dentry);
  const children = childrenOf(step).map((each) => stepData(each, placeOf));
  return {
    kind: step.kind,
    path: step.path.show,
    used: step.used,
    ...(dentry === undefined ? {} : { dentry: showDentry(dentry) }),
    ...(place === "" ? {} : { at: place }),
    ...(namer === undefined ? {} : { namer: namer.show }),
    ...own(step),
    ...(children.length === 0 ? {} : { next: children }),
  };
}

function own(step: Step): object {
  switch (step.kind) {
    case "leaf":
      return { id: step.bound.id.show, residual: step.bound.residual.show, ...addressData(step.addresses) };
    case "transformation":
      return { transformer: step.name };
    case "union":
      return { weights: step.steps.map(({ weight }) => weight) };
    case "exception":
      return { message: step.message };
    default:
      return {};
  }
}

function addressData(state: State<AddressSet>): object {
  if (state.tag === "pending") return { state: "pending" };
  if (state.tag === "failed") return { state: "failed", cause: state.cause.message };
  const { value, stale, held, revision, confirmedAt } = state;
  return {
    state: held === undefined ? (stale === undefined ? "ok" : "stale") : "held",
    addresses: value.addresses.map(addressKey),
    ...(revision === undefined ? {} : { revision }),
    ...(confirmedAt === undefined ? {} : { confirmedAt }),
    ...(stale === undefined ? {} : { staleSince: stale.since, cause: stale.cause.message }),
    ...(held === undefined ? {} : { heldSince: held.since, heldUntil: held.until, lost: held.lost }),
  };
}
