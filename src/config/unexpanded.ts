/** What a file says as if the environment stood in it: nothing is expanded, and nobody should have to find that out. */
import type { ProblemList } from "./config-error.ts";
import type { SourceNode } from "./source.ts";

/** A `$` is a letter of names too (`/$/inet`), so without braces only a whole value in capitals is meant so. */
const VARIABLE = /\$\{[A-Za-z_]\w*[^}]*\}|^\$[A-Z][A-Z0-9_]*/g;

/** Adds a warning for each. */
export function warnOfVariables(node: SourceNode, problems: ProblemList): void {
  if (node.kind === "list") for (const item of node.items) warnOfVariables(item, problems);
  else if (node.kind === "mapping") for (const { value } of node.entries.values()) warnOfVariables(value, problems);
  else if (typeof node.value === "string") {
    for (const { 0: variable, index } of node.text.matchAll(VARIABLE)) {
      const start = node.locate(index);
      problems.addAt({
        start,
        end: start + variable.length,
        code: "value.unexpanded",
        severity: "warning",
        message: `variables such as ${variable} are not expanded`,
        expected: "the value itself; `envsubst` writes a file with them expanded",
      });
    }
  }
}
