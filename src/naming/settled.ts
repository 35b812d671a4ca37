/** Waits until an explanation holds an answer. */
import type { AddressSet } from "../base/address.ts";
import type { Clock } from "../base/time.ts";
import type { State, Var } from "../base/var.ts";
import { BindLimitError } from "./budget.ts";
import { childrenOf, type Delegation, type Step } from "./delegation.ts";

const PATIENCE_MS = 1000;

export interface SettledParts {
  /** Begins an explanation; asked once more when the time is over, for what is known then. */
  readonly explain: () => Var<Delegation>;
  readonly timeoutMs: number;
  readonly clock: Clock;
  /** How long a registry is given to recover after a failure; a second if it is not said. */
  readonly recoveryMs?: number;
  /** How long alternatives that decide nothing are waited for, once all is decided; a second if it is not said. */
  readonly othersMs?: number;
}

/** The explanation once every registry has answered, or as it is when the time is over. */
export function settled(parts: SettledParts): Promise<Delegation | undefined> {
  const { explain, timeoutMs, clock, recoveryMs = PATIENCE_MS, othersMs = PATIENCE_MS } = parts;
  const { promise, resolve } = Promise.withResolvers<Delegation | undefined>();
  const open = new DisposableStack();
  let last: Delegation | undefined;
  let recovery: Disposable | undefined;
  let others: Disposable | undefined;
  const late = (): void => resolve(seenNow(explain()) ?? last);
  const after = (ms: number, then: () => void): Disposable => open.use(clock.timer(Math.min(ms, timeoutMs), then));
  const within = (ms: number): Disposable => after(ms, late);
  within(timeoutMs);
  // An explanation that lets answers come together may know more than it has said.
  after(othersMs, () => {
    const seen = seenNow(explain());
    if (seen !== undefined && isDecided(seen)) resolve(seen);
  });
  const heard = (state: State<Delegation>): void => {
    if (state.tag === "ok") last = state.value;
    const progress = last === undefined ? progressOfState(state) : progressOf(last);
    if (progress === "complete") resolve(last);
    else if (progress === "failed") recovery ??= within(recoveryMs);
    else if (progress === "decided") others ??= within(othersMs);
  };
  open.use(explain().observe(heard));
  return promise.finally(() => open.dispose());
}

function isDecided(delegation: Delegation): boolean {
  const progress = progressOf(delegation);
  return progress === "decided" || progress === "complete";
}

function seenNow(explanation: Var<Delegation>): Delegation | undefined {
  let seen: Delegation | undefined;
  explanation.observe((state) => (seen = state.tag === "ok" ? state.value : undefined))[Symbol.dispose]();
  return seen;
}

/** Whether nothing in it is waited for, in alternatives that decide nothing either. */
export function isComplete({ root }: Delegation): boolean {
  return !isWaiting(root);
}

type Progress = "waiting" | "failed" | "decided" | "complete";

function progressOfState(state: State<Delegation>): Progress {
  return state.tag === "failed" ? "failed" : "waiting";
}

function progressOf(delegation: Delegation): Progress {
  const { root, outcome } = delegation;
  if (outcome.tag === "pending") return "waiting";
  // A loop is none the less one in a second.
  if (outcome.tag === "failed") return outcome.cause instanceof BindLimitError ? "complete" : "failed";
  if (hasUsed(root, "pending")) return "waiting";
  if (hasUsed(root, "failed")) return "failed";
  return isComplete(delegation) ? "complete" : "decided";
}

/** Whether the addresses of a bound name that is part of the answer are in that state. */
function hasUsed(step: Step, tag: State<AddressSet>["tag"]): boolean {
  if (step.kind === "leaf") return step.used && step.addresses.tag === tag;
  return childrenOf(step).some((each) => hasUsed(each, tag));
}

function isWaiting(step: Step): boolean {
  if (step.kind === "pending") return true;
  return step.kind === "leaf" ? step.addresses.tag === "pending" : childrenOf(step).some(isWaiting);
}
