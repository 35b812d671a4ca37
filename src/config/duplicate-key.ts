/** The problem of a key that a mapping has already. */
import type { TextProblem } from "./text-problem.ts";

/** `first` is where the earlier one begins, `start` and `end` are those of the later one. */
export function duplicateKey(text: string, key: string, first: number, start: number, end: number): TextProblem {
  const line = text.slice(0, first).split("\n").length;
  const message = `\`${key}\` is written twice in this mapping; the first is in line ${line}`;
  return { start, end, code: "yaml.duplicate-key", severity: "error", message, expected: "each key once" };
}
