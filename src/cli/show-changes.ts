/** Shows people what differs between two configurations. */
import type { ChangedKey, ObjectChange } from "../config/config-diff.ts";
import type { Plain } from "../config/meaning.ts";

/** Of one object; `--json` has more of them, and of a diff all. */
const MAX_KEYS = 20;

const signs = { added: "+", removed: "-", changed: "~" } as const;

/** One object a paragraph; ends with a line end. */
export function showChanges(changes: readonly ObjectChange[]): string {
  return changes.map(showChange).join("");
}

function showChange({ kind, name, change, keys, more = 0, needsRestart }: ObjectChange): string {
  const what = kind === "settings" ? name : `${kind} ${name}`;
  const restart = needsRestart ? " (needs a restart)" : "";
  const secret = change === "changed" && keys.length === 0 ? ["    a secret\n"] : [];
  const left = Math.max(0, keys.length - MAX_KEYS) + more;
  const rest = left > 0 ? [`    ... and ${left} more\n`] : [];
  return [`${signs[change]} ${what}${restart}\n`, ...secret, ...keys.slice(0, MAX_KEYS).map(showKey), ...rest].join("");
}

function showKey({ key, before, after }: ChangedKey): string {
  const [old, now] = [show(before), show(after)];
  if (key === "line") return before === undefined ? `    + ${now}\n` : `    - ${old}\n`;
  if (before === undefined && after === undefined) return `    ${key}\n`;
  return `    ${key === "" ? "" : `${key}: `}${old} -> ${now}\n`;
}

function show(value: Plain | undefined): string {
  if (value === undefined) return "(not said)";
  return typeof value === "string" ? value : JSON.stringify(value);
}
