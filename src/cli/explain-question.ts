/** What `linkspan explain` is asked, from its flags. */
import { type AskedRequest, readAskedRequest } from "../naming/asked-request.ts";
import { Dtab } from "../naming/dtab.ts";
import { ParseError } from "../naming/parser.ts";
import type { Config, RouterConfig } from "../config/config.ts";
import { nearest } from "../config/nearest.ts";
import { parseDuration } from "../config/units.ts";
import { textFlag, textFlags, UsageError, type Args } from "./command.ts";

export const EXPLAIN_HELP = "linkspan explain --help";

/** Who is asked. */
export type Place =
  | { readonly kind: "file"; readonly file: string; readonly name: string | undefined }
  | { readonly kind: "daemon"; readonly name: string | undefined };

export interface Question {
  readonly router: string | undefined;
  readonly name: string | undefined;
  readonly request: { readonly text: string; readonly asked: AskedRequest } | undefined;
  readonly local: { readonly text: string; readonly dtab: Dtab };
  readonly timeoutMs: number;
}

const DEFAULT_TIMEOUT = "5s";

/** Throws UsageError. */
export function questionOf(args: Args, name: string | undefined): Question {
  const local = textFlag(args, "dtab") ?? "";
  return {
    router: textFlag(args, "router"),
    name,
    request: requestOf(args),
    local: { text: local, dtab: parsing(() => Dtab.read(local), "--dtab") },
    timeoutMs: timeoutOf(args),
  };
}

function requestOf(args: Args): Question["request"] {
  const line = textFlag(args, "request");
  const fields = textFlags(args, "header");
  if (line === undefined) {
    if (fields.length > 0) throw new UsageError("--header is about a request: add --request", EXPLAIN_HELP);
    return undefined;
  }
  const text = [line, ...fields].join("\n");
  return { text, asked: parsing(() => readAskedRequest(text), "--request") };
}

/** What a mistake in a flag or in NAME throws becomes a UsageError. */
export function parsing<T>(parse: () => T, what: string): T {
  try {
    return parse();
  } catch (error) {
    if (!(error instanceof ParseError) && !(error instanceof SyntaxError)) throw error;
    throw new UsageError(`${what}: ${error.message}`, EXPLAIN_HELP);
  }
}

function timeoutOf(args: Args): number {
  const text = textFlag(args, "timeout") ?? DEFAULT_TIMEOUT;
  const ms = parseDuration(text);
  if (ms === undefined) throw new UsageError(`--timeout ${text}: expected 5s or 500ms`, EXPLAIN_HELP);
  return ms;
}

/** The router with that label, or the first. Throws UsageError. */
export function routerOf({ routers }: Config, label: string | undefined): RouterConfig {
  const router = label === undefined ? routers[0] : routers.find((each) => each.label === label);
  if (router !== undefined) return router;
  const labels = routers.map((each) => each.label);
  const meant = nearest(label ?? "", labels);
  const hint = meant === undefined ? `there are ${labels.join(", ")}` : `did you mean ${meant}?`;
  throw new UsageError(`no router has the label ${label}; ${hint}`, EXPLAIN_HELP);
}
