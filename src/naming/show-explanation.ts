/** Explanations as indented text, for the terminal. */
import type { Explanation } from "./explanation.ts";
import type { ExplainedRule } from "./explained-rules.ts";
import type { ExplainedService } from "./explained-services.ts";
import type { ExplainedStep } from "./explained-steps.ts";
import { showNumber } from "./name-tree.ts";

/** How many addresses of one name are written out beside a step. */
const SHOWN_ADDRESSES = 5;
/** How much of a rule is written out beside a step. */
const SHOWN_RULE = 160;

/**
 * One step a line, what follows from it indented below; what is not taken is in brackets, with the reason. Below that,
 * where requests go. `now` is epoch ms, for ages.
 */
export function showExplanation(explanation: Explanation, now: number): string {
  const lines: string[] = [];
  new Writer(lines, explanation, now).write(explanation.root, "", "");
  if (explanation.chosen.length > 0) lines.push("", "Requests go to:");
  for (const { id, residual, share } of explanation.chosen) {
    const rest = residual === "/" ? "" : `, residual ${residual}`;
    const service = explanation.services[id];
    const all = service?.addresses.map(showAddress).join(" ") ?? "";
    lines.push(`  ${percent(share).padStart(7)} ${id}${rest}: ${all === "" ? "no addresses" : all}`);
  }
  return lines.join("\n");
}

/** Where a rule is written, such as `linkerd.yaml:7`; empty where that is not known. */
function showPlace({ source, place = "", line }: ExplainedRule): string {
  if (source === "local") return "--dtab";
  return source === "given" && place === "" ? `line ${line} of the dtab` : place;
}

function percent(share: number): string {
  return `${(100 * share).toFixed(1)} %`;
}

class Writer {
  readonly #lines: string[];
  readonly #about: Explanation;
  readonly #now: number;

  constructor(lines: string[], about: Explanation, now: number) {
    this.#lines = lines;
    this.#about = about;
    this.#now = now;
  }

  write(step: ExplainedStep, indent: string, label: string): void {
    const { taken, why, next = [] } = step;
    const text = `${label}${step.path}${this.#describe(step)}`;
    this.#lines.push(
      `${indent}${taken ? text : `[${text}]`}${this.#rule(step)}${why === undefined ? "" : `  -- not taken: ${why}`}`,
    );
    const inner = `${indent}  `;
    next.forEach((each, at) => this.write(each, inner, labelOf(step, each, at)));
  }

  #rule({ rule }: ExplainedStep): string {
    const about = rule === undefined ? undefined : this.#about.rules[rule];
    if (about === undefined) return "";
    const place = showPlace(about);
    const text = about.text.length > SHOWN_RULE ? `${about.text.slice(0, SHOWN_RULE)}...` : about.text;
    return `  (${text}${place === "" ? "" : ` at ${place}`})`;
  }

  #describe(step: ExplainedStep): string {
    switch (step.kind) {
      case "leaf": {
        const { id = "", residual = "/" } = step;
        const service = this.#about.services[id];
        return ` = ${id}${residual === "/" ? "" : `, residual ${residual}`}: ${service ? describeService(service, this.#now) : ""}`;
      }
      case "transformation":
        return ` transformed by ${step.transformer}`;
      case "neg":
        return " ~ there is no such name";
      case "empty":
        return " $ known, with nobody behind it";
      case "fail":
        return " ! refused by a rule";
      case "pending":
        return ` ... waiting for ${step.namer ?? "an answer"}`;
      case "exception":
        return ` ERROR ${step.message}`;
      case "alt":
        return " | the first that answers";
      case "union":
        return " & split by weight";
      default:
        return "";
    }
  }
}

function labelOf(parent: ExplainedStep, { weight, taken, share }: ExplainedStep, at: number): string {
  if (parent.kind === "alt") return `${at + 1}. `;
  if (parent.kind !== "union" || weight === undefined) return "";
  return taken && share !== undefined ? `${showNumber(weight)} (${percent(share)}) ` : `${showNumber(weight)} `;
}

const showAddress = ({ address, weight }: ExplainedService["addresses"][number]): string =>
  weight === 1 ? address : `${address}*${showNumber(weight)}`;

function describeService(service: ExplainedService, now: number): string {
  const { state, addresses, revision, confirmedAt, staleSince, heldSince, lost, cause } = service;
  if (state === "pending") return "waiting for addresses";
  if (state === "failed") return `no addresses: ${cause}`;
  const shown = addresses.slice(0, SHOWN_ADDRESSES).map(showAddress).join(" ");
  const more = addresses.length > SHOWN_ADDRESSES ? ` and ${addresses.length - SHOWN_ADDRESSES} more` : "";
  const notes = [
    revision === undefined ? "" : `revision ${revision}`,
    confirmedAt === undefined ? "" : `confirmed ${age(now, confirmedAt)} ago`,
    staleSince === undefined ? "" : `stale for ${age(now, staleSince)}: ${cause}`,
    heldSince === undefined ? "" : `a loss of ${lost} held for ${age(now, heldSince)}`,
  ].filter((note) => note !== "");
  const about = notes.length > 0 ? ` (${notes.join("; ")})` : "";
  return `${addresses.length === 0 ? "no addresses" : `${shown}${more}`}${about}`;
}

const age = (now: number, then: number): string => `${Math.max(0, (now - then) / 1000).toFixed(1)} s`;
