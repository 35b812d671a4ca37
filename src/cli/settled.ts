/** Waits until an explanation holds an answer, and says what the answer is. */
import type { AddressSet } from "../base/address.ts";
import type { Clock } from "../base/time.ts";
import type { State, Var } from "../base/var.ts";
import { childrenOf, type Delegation, type Step } from "../naming/delegation.ts";

export interface Verdict {
  readonly kind: "bound" | "nothing" | "unanswered";
  /** One sentence. */
  readonly message: string;
}

/** After a failure a registry is given so long to recover. */
const RECOVERY_MS = 1000;

/** The explanation once every registry has answered, or as it is when the time is over. */
export function settled(
  explanation: Var<Delegation>,
  timeoutMs: number,
  clock: Clock,
): Promise<Delegation | undefined> {
  const { promise, resolve } = Promise.withResolvers<Delegation | undefined>();
  let last: Delegation | undefined;
  let recovery: Disposable | undefined;
  const done = (): void => resolve(last);
  const timer = clock.timer(timeoutMs, done);
  const subscription = explanation.observe((state) => {
    if (state.tag === "ok") last = state.value;
    const progress = last === undefined ? progressOfState(state) : progressOf(last);
    if (progress === "answered") done();
    else if (progress === "failed") recovery ??= clock.timer(Math.min(RECOVERY_MS, timeoutMs), done);
  });
  return promise.finally(() => {
    timer[Symbol.dispose]();
    recovery?.[Symbol.dispose]();
    subscription[Symbol.dispose]();
  });
}

export function verdictOf(delegation: Delegation | undefined): Verdict {
  if (delegation === undefined) return { kind: "unanswered", message: "There was no answer in time." };
  const { outcome } = delegation;
  if (outcome.tag === "pending") {
    return { kind: "unanswered", message: "A registry did not answer in time." };
  }
  if (outcome.tag === "failed") return { kind: "unanswered", message: `It cannot be bound: ${outcome.cause.message}` };
  return outcomeOf(addressesBelow(delegation.root));
}

function outcomeOf(states: readonly State<AddressSet>[]): Verdict {
  if (states.length === 0) return { kind: "nothing", message: "It binds to nothing." };
  const addresses = states.reduce((sum, state) => sum + (state.tag === "ok" ? state.value.addresses.length : 0), 0);
  if (addresses > 0) {
    return { kind: "bound", message: `It binds to ${addresses} address${addresses === 1 ? "" : "es"}.` };
  }
  if (states.every((state) => state.tag === "ok")) {
    return { kind: "nothing", message: "It is known, and nobody is behind it." };
  }
  const failed = states.find((state) => state.tag === "failed");
  const why = failed === undefined ? "did not answer in time" : `could not be asked: ${failed.cause.message}`;
  return { kind: "unanswered", message: `Its addresses are not known: a registry ${why}` };
}

type Progress = "waiting" | "failed" | "answered";

function progressOfState(state: State<Delegation>): Progress {
  return state.tag === "failed" ? "failed" : "waiting";
}

function progressOf({ root, outcome }: Delegation): Progress {
  if (outcome.tag !== "ok") return outcome.tag === "failed" ? "failed" : "waiting";
  const states = addressesBelow(root);
  if (states.some((state) => state.tag === "pending")) return "waiting";
  return states.some((state) => state.tag === "failed") ? "failed" : "answered";
}

/** The address sets of the bound names that are part of the answer. */
function addressesBelow(step: Step): readonly State<AddressSet>[] {
  if (step.kind === "leaf") return step.used ? [step.addresses] : [];
  return childrenOf(step).flatMap(addressesBelow);
}
