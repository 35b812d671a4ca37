/** What came of a reload, or would come of one: for the log, the admin port and whoever embeds a daemon. */
import type { ObjectChange } from "../config/config-diff.ts";
import type { ConfigProblem } from "../config/config-error.ts";

/** Who wanted the reload. */
export type ReloadCause = "signal" | "file" | "request";

/** Plain data. */
export interface ReloadReport {
  /** `unchanged`: the file means what runs. `refused`: nothing of it was applied. */
  readonly result: "applied" | "unchanged" | "refused";
  /** Of what runs now: grows with each reload that is applied, and begins at 1. */
  readonly revision: number;
  /** Of what runs now: equal for all processes that run the same. */
  readonly hash: string;
  /** Of one object the first that differ, for a file may have thousands of lines; a diff has them all. */
  readonly changes: readonly ObjectChange[];
  /** What of it only a new process takes up; the running one keeps what it has. */
  readonly needsRestart: readonly string[];
  /** Of the new file, warnings too; as `check --json` gives them. */
  readonly problems: readonly ConfigProblem[];
  /** Why it was refused. */
  readonly cause?: string;
  readonly ms: number;
}

/** What a text would change. */
export interface DiffReport {
  readonly ok: boolean;
  readonly changes: readonly ObjectChange[];
  readonly needsRestart: readonly string[];
  readonly problems: readonly ConfigProblem[];
  readonly cause?: string;
}

const MOST_KEYS = 100;

/** As a reload tells of them. */
export function inShort(changes: readonly ObjectChange[]): readonly ObjectChange[] {
  return changes.map((change) => {
    const more = change.keys.length - MOST_KEYS;
    return more > 0 ? { ...change, keys: change.keys.slice(0, MOST_KEYS), more } : change;
  });
}

/** The names of what needs a new process, as people know them. */
export function restartsOf(changes: readonly ObjectChange[]): readonly string[] {
  return changes.filter((change) => change.needsRestart).map((change) => change.name);
}

/** A few words for a line of the log: `dtab http, 2 servers`. */
export function summaryOf(changes: readonly ObjectChange[]): string {
  const byKind = new Map<string, string[]>();
  for (const { kind, name } of changes) byKind.set(kind, [...(byKind.get(kind) ?? []), name]);
  return [...byKind]
    .map(([kind, names]) => (names.length === 1 ? `${kind} ${names[0]}` : many(kind, names)))
    .join(", ");
}

const many = (kind: string, names: readonly string[]): string =>
  `${names.length} ${kind === "settings" ? kind : `${kind}s`}`;
