/** Delegations as indented text, for the terminal. */
import { addressKey, type AddressSet } from "../base/address.ts";
import type { State } from "../base/var.ts";
import type { Delegation, Step } from "./delegation.ts";
import { type Dentry, showDentry } from "./dentry.ts";
import { showNumber } from "./name-tree.ts";

/** How many addresses of one name are written out. */
const SHOWN_ADDRESSES = 5;

/** Where a dentry is written, such as `linkerd.yaml:7`; empty when that is not known. */
export type PlaceOf = (dentry: Dentry) => string;

/**
 * One step a line, what follows from it indented below; alternatives that were not used are in brackets. `now` is epoch ms,
 * for ages.
 */
export function showDelegation(delegation: Delegation, now: number, placeOf: PlaceOf = offsetOf): string {
  const lines: string[] = [];
  new Writer(lines, now, placeOf).write(delegation.root, "", "");
  return lines.join("\n");
}

class Writer {
  readonly #lines: string[];
  readonly #now: number;
  readonly #placeOf: PlaceOf;
  constructor(lines: string[], now: number, placeOf: PlaceOf) {
    this.#lines = lines;
    this.#now = now;
    this.#placeOf = placeOf;
  }

  write(step: Step, indent: string, label: string): void {
    const text = `${label}${step.path.show}${describe(step, this.#now)}`;
    const place = step.dentry ? this.#placeOf(step.dentry) : "";
    const rule = step.dentry ? `  (${showDentry(step.dentry)}${place === "" ? "" : ` at ${place}`})` : "";
    this.#lines.push(`${indent}${step.used ? text : `[${text}]`}${rule}`);
    const inner = `${indent}  `;
    if (step.kind === "alt") step.steps.forEach((each, at) => this.write(each, inner, `${at + 1}. `));
    else if (step.kind === "union") {
      const total = step.steps.reduce((sum, each) => sum + each.weight, 0);
      for (const { weight, step: each } of step.steps) this.write(each, inner, share(weight, total));
    } else if (step.kind === "delegate" || step.kind === "transformation") this.write(step.next, inner, "");
  }
}

function offsetOf(dentry: Dentry): string {
  return dentry.at ? `${dentry.at.start}` : "";
}

function share(weight: number, total: number): string {
  return total > 0 ? `${showNumber(weight)} (${((100 * weight) / total).toFixed(1)} %) ` : `${showNumber(weight)} `;
}

function describe(step: Step, now: number): string {
  switch (step.kind) {
    case "leaf": {
      const residual = step.bound.residual.size > 0 ? `, residual ${step.bound.residual.show}` : "";
      return ` = ${step.bound.id.show}${residual}: ${describeAddresses(step.addresses, now)}`;
    }
    case "transformation":
      return ` = ${step.bound.id.show}, transformed by ${step.name}`;
    case "neg":
      return " ~ there is no such name";
    case "empty":
      return " $ known, with nobody behind it";
    case "fail":
      return " ! refused by a rule";
    case "pending":
      return ` ... waiting for ${step.namer?.show ?? "an answer"}`;
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

function describeAddresses(state: State<AddressSet>, now: number): string {
  if (state.tag === "pending") return "waiting for addresses";
  if (state.tag === "failed") return `no addresses: ${state.cause.message}`;
  const all = state.value.addresses;
  const shown = all.slice(0, SHOWN_ADDRESSES).map(addressKey).join(" ");
  const more = all.length > SHOWN_ADDRESSES ? ` and ${all.length - SHOWN_ADDRESSES} more` : "";
  const notes = [
    state.revision === undefined ? "" : `revision ${state.revision}`,
    state.confirmedAt === undefined ? "" : `confirmed ${age(now, state.confirmedAt)} ago`,
    state.stale ? `stale for ${age(now, state.stale.since)}: ${state.stale.cause.message}` : "",
    state.held ? `a loss of ${state.held.lost} held for ${age(now, state.held.since)}` : "",
  ].filter((note) => note !== "");
  const about = notes.length > 0 ? ` (${notes.join("; ")})` : "";
  return `${all.length === 0 ? "no addresses" : `${shown}${more}`}${about}`;
}

const age = (now: number, then: number): string => `${Math.max(0, (now - then) / 1000).toFixed(1)} s`;
