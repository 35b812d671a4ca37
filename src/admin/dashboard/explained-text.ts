/** Explanations in words, for the page. */
import type { Explanation } from "../../naming/explanation.ts";
import type { ExplainedService } from "../../naming/explained-services.ts";
import type { ExplainedStep } from "../../naming/explained-steps.ts";

/** How much of a rule is written out. */
const SHOWN_RULE = 200;

export function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

export function stepText({ services }: Explanation, step: ExplainedStep, now: number): string {
  switch (step.kind) {
    case "leaf": {
      const { id = "", residual = "/" } = step;
      const service = services[id];
      return `is ${id}${residual === "/" ? "" : `, residual ${residual}`}${service ? `: ${serviceText(service, now)}` : ""}`;
    }
    case "transformation":
      return `transformed by ${step.transformer}`;
    case "neg":
      return "~ there is no such name";
    case "empty":
      return "$ known, with nobody behind it";
    case "fail":
      return "! refused by a rule";
    case "pending":
      return `waiting for ${step.namer ?? "an answer"}`;
    case "exception":
      return `error: ${step.message}`;
    case "alt":
      return "| the first that answers";
    case "union":
      return "& split by weight";
    default:
      return "";
  }
}

/** The rule that led to a step, with where it is written. */
export function ruleText({ rules }: Explanation, { rule }: ExplainedStep): string {
  const about = rule === undefined ? undefined : rules[rule];
  if (about === undefined) return "";
  const { text, place, line, source } = about;
  const where = place ?? (line === undefined ? source : `line ${line}`);
  return `${text.length > SHOWN_RULE ? `${text.slice(0, SHOWN_RULE)}...` : text} (${where})`;
}

/** How many addresses there are, and what is known of them. */
export function serviceText({ addresses, ...service }: ExplainedService, now: number): string {
  const count = addresses.length === 1 ? "1 address" : `${addresses.length} addresses`;
  const { state, revision, confirmedAt, staleSince, heldSince, lost, cause } = service;
  if (state === "pending") return "waiting for addresses";
  if (state === "failed") return `no addresses: ${cause}`;
  const notes = [
    revision === undefined ? "" : `revision ${revision}`,
    confirmedAt === undefined ? "" : `confirmed ${age(now, confirmedAt)} ago`,
    staleSince === undefined ? "" : `stale for ${age(now, staleSince)}: ${cause}`,
    heldSince === undefined ? "" : `held: a loss of ${lost} is not believed since ${age(now, heldSince)}`,
  ].filter((note) => note !== "");
  return [count, ...notes].join("; ");
}

const age = (now: number, then: number): string => `${Math.max(0, (now - then) / 1000).toFixed(0)} s`;
