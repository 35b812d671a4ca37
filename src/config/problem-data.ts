/** Problems of a configuration as data, for editors and scripts: what `linkspan check --json` prints of each. */
import type { ConfigProblem } from "./config-error.ts";
import type { UnreadableFile } from "./load.ts";

/** Lines and columns count from 1; the end is behind the last letter. Documented in docs/reference/problems.md. */
export interface ProblemData {
  readonly code: string;
  readonly severity: "error" | "warning";
  readonly file: string;
  readonly line: number;
  readonly column: number;
  readonly endLine: number;
  readonly endColumn: number;
  readonly message: string;
  readonly found?: string;
  readonly expected?: string;
  /** What was meant, perhaps. */
  readonly nearest?: string;
}

/** Without the text of the line, which is for who draws a caret: an editor has it. */
export function problemData(problem: ConfigProblem): ProblemData {
  const { code, severity, file, line, column, length, message, found, expected, nearest } = problem;
  return {
    code,
    severity,
    file,
    line,
    column,
    endLine: line,
    endColumn: column + length,
    message,
    ...(found === undefined ? {} : { found }),
    ...(expected === undefined ? {} : { expected }),
    ...(nearest === undefined ? {} : { nearest }),
  };
}

/** The problem of a file that cannot be read at all, at its first letter. */
export function unreadable(file: string, { message }: UnreadableFile): ProblemData {
  const place = { file, line: 1, column: 1, endLine: 1, endColumn: 1 };
  return { code: "file.unreadable", severity: "error", ...place, message };
}
