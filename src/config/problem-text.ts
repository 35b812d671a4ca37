/** Shows problems of a configuration to people: the place, the line, a caret, what was expected, what was meant. */
import { isError, type ConfigProblem } from "./config-error.ts";

/** Colours text for a terminal, or leaves it as it is. */
export interface Paint {
  error(text: string): string;
  warning(text: string): string;
  strong(text: string): string;
  faint(text: string): string;
}

const same = (text: string): string => text;
export const plainPaint: Paint = { error: same, warning: same, strong: same, faint: same };

/** Longer lists of what was expected are cut. */
const MAX_EXPECTED = 400;
const MAX_LINE = 110;

export function showProblem(problem: ConfigProblem, paint: Paint = plainPaint): string {
  const { file, line, column, severity, message } = problem;
  const head = `${file}:${line}:${column}: ${paint[severity](`${severity}:`)} ${paint.strong(message)}`;
  return [head, ...excerpt(problem, paint), ...hints(problem)].join("\n");
}

/** All problems, then how many they are and what to type next. */
export function showProblems(problems: readonly ConfigProblem[], next: string, paint: Paint = plainPaint): string {
  const errors = problems.filter(isError).length;
  const warnings = problems.length - errors;
  const counts = [count(errors, "error"), ...(warnings > 0 ? [count(warnings, "warning")] : [])].join(", ");
  return [...problems.map((problem) => `${showProblem(problem, paint)}\n`), `${counts}. ${next}`].join("\n");
}

export function count(number: number, noun: string): string {
  return `${number} ${noun}${number === 1 ? "" : "s"}`;
}

function excerpt(problem: ConfigProblem, paint: Paint): readonly string[] {
  if (problem.text.trim() === "") return [];
  const from = problem.column > MAX_LINE - 20 ? problem.column - 40 : 0;
  const shown = problem.text.slice(from, from + MAX_LINE).replaceAll("\t", " ");
  const gutter = String(problem.line);
  const indent = " ".repeat(Math.max(0, problem.column - 1 - from));
  const carets = "^".repeat(Math.max(1, Math.min(problem.length, MAX_LINE - indent.length)));
  return [
    `  ${paint.faint(`${gutter} |`)} ${shown}`,
    `  ${paint.faint(`${" ".repeat(gutter.length)} |`)} ${indent}${paint[problem.severity](carets)}`,
  ];
}

function hints({ expected, nearest }: ConfigProblem): readonly string[] {
  const lines: string[] = [];
  if (nearest !== undefined) lines.push(`  did you mean \`${nearest}\`?`);
  if (expected !== undefined) lines.push(`  expected ${cut(expected)}`);
  return lines;
}

function cut(text: string): string {
  return text.length > MAX_EXPECTED ? `${text.slice(0, MAX_EXPECTED)}...` : text;
}
