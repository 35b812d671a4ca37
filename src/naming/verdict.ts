/** What an explanation comes to, in one sentence. */
import type { State } from "../base/var.ts";
import type { ChosenName } from "./explained-steps.ts";
import type { ExplainedService } from "./explained-services.ts";

export interface Verdict {
  readonly kind: "bound" | "nothing" | "unanswered";
  readonly message: string;
}

export const noAnswer: Verdict = Object.freeze({ kind: "unanswered", message: "There was no answer in time." });

export function verdictOf(
  outcome: State<unknown>,
  chosen: readonly ChosenName[],
  services: Readonly<Record<string, ExplainedService>>,
): Verdict {
  if (outcome.tag === "pending") return { kind: "unanswered", message: "A registry did not answer in time." };
  if (outcome.tag === "failed") return { kind: "unanswered", message: `It cannot be bound: ${outcome.cause.message}` };
  if (chosen.length === 0) return { kind: "nothing", message: "It binds to nothing." };
  const bound = [...new Set(chosen.map(({ id }) => id))].flatMap((id) => services[id] ?? []);
  const addresses = bound.reduce((sum, service) => sum + service.addresses.length, 0);
  if (addresses > 0) {
    return { kind: "bound", message: `It binds to ${addresses} address${addresses === 1 ? "" : "es"}.` };
  }
  const unknown = bound.find(({ state }) => state === "pending" || state === "failed");
  if (unknown === undefined) return { kind: "nothing", message: "It is known, and nobody is behind it." };
  const failure = bound.find(({ state }) => state === "failed");
  const why = failure === undefined ? "did not answer in time" : `could not be asked: ${failure.cause}`;
  return { kind: "unanswered", message: `Its addresses are not known: a registry ${why}` };
}
