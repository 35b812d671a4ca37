/** The context fields of a request: found and taken out in one pass over its head. */
import type { Headers } from "../../http/headers.ts";

export const DTAB = "l5d-dtab";
export const CTX_DTAB = "l5d-ctx-dtab";
export const CTX_DEADLINE = "l5d-ctx-deadline";
export const CTX_TRACE = "l5d-ctx-trace";
export const SAMPLE = "l5d-sample";

/** What is ours to write, so a caller's own never goes on. */
const alwaysTaken = new Set([
  DTAB,
  CTX_DTAB,
  CTX_DEADLINE,
  SAMPLE,
  "l5d-err",
  "l5d-success-class",
  "l5d-dst-service",
  "l5d-dst-client",
  "l5d-dst-residual",
  "l5d-reqid",
  "l5d-client-id",
]);

/** Which of the `l5d-` fields a request loses. */
export type Taking = "ours" | "context" | "all";

/** What was read; one object, filled anew by each `takeContext`. */
export class ContextFields {
  /** The entries of `l5d-ctx-dtab`, then of `l5d-dtab`, so that the caller's own win. */
  dtab = "";
  deadlines: string[] = [];
  trace: string | undefined;
  sample: string | undefined;

  /** Removes the `l5d-` fields that do not go on, and remembers those that mean something. */
  take(headers: Headers, taking: Taking): void {
    let user = "";
    this.dtab = "";
    this.trace = undefined;
    this.sample = undefined;
    if (this.deadlines.length > 0) this.deadlines = [];
    for (let at = 0; at < headers.size; at++) {
      if (headers.dropped(at)) continue;
      const name = headers.name(at);
      if (!startsWithL5d(name)) continue;
      const lower = name.toLowerCase();
      if (lower === DTAB) user = join(user, headers.value(at));
      else this.#read(lower, headers.value(at));
      if (isTaken(lower, taking)) headers.drop(at);
    }
    this.dtab = join(this.dtab, user);
  }

  #read(lower: string, value: string): void {
    if (lower === CTX_DTAB) this.dtab = join(this.dtab, value);
    else if (lower === CTX_DEADLINE) this.deadlines.push(value);
    else if (lower === CTX_TRACE) this.trace = value;
    else if (lower === SAMPLE) this.sample = value;
  }
}

/** Drops every field whose name starts with `l5d-`; says whether `l5d-err` was among them. */
export function dropL5d(headers: Headers): boolean {
  let hadError = false;
  for (let at = 0; at < headers.size; at++) {
    if (headers.dropped(at)) continue;
    const name = headers.name(at);
    if (!startsWithL5d(name)) continue;
    if (name.toLowerCase() === "l5d-err") hadError = true;
    headers.drop(at);
  }
  return hadError;
}

function isTaken(lower: string, taking: Taking): boolean {
  return taking === "all" || alwaysTaken.has(lower) || (taking === "context" && lower.startsWith("l5d-ctx-"));
}

function startsWithL5d(name: string): boolean {
  return (
    name.length > 4 &&
    (name.charCodeAt(0) | 0x20) === 0x6c &&
    name.charCodeAt(1) === 0x35 &&
    (name.charCodeAt(2) | 0x20) === 0x64 &&
    name.charCodeAt(3) === 0x2d
  );
}

function join(first: string, second: string): string {
  if (first === "" || second === "") return first + second;
  return first.trimEnd().endsWith(";") ? first + second : `${first};${second}`;
}
