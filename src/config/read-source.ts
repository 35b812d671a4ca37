/** Reads a configuration text, YAML or JSON, and gathers what is wrong with the text itself. */
import { ProblemList } from "./config-error.ts";
import { readJson } from "./json-source.ts";
import { Source } from "./source.ts";
import { readYaml } from "./yaml-source.ts";

/** No configuration is longer than this. */
const MAX_LENGTH = 4 * 1024 * 1024;

/** `source.root` is undefined when the text holds no value or cannot be read; the problems then say why. */
export function readSource(file: string, written: string): { source: Source; problems: ProblemList } {
  const text = written.startsWith("\uFEFF") ? written.slice(1) : written;
  if (text.length > MAX_LENGTH) {
    const problems = new ProblemList(new Source(file, ""));
    problems.addAt(0, 1, "error", `the file has ${text.length} characters; at most ${MAX_LENGTH} are read`);
    return { source: problems.source, problems };
  }
  const read = text.trimStart().startsWith("{") ? readJson(text) : readYaml(text);
  const source = new Source(file, text, read.root);
  const problems = new ProblemList(source);
  for (const problem of read.problems) {
    problems.addAt(problem.start, problem.end, problem.severity, problem.message, problem.expected);
  }
  if (!problems.hasErrors && isNothing(source)) problems.addAt(0, 1, "error", "the file holds no configuration");
  return { source, problems };
}

function isNothing({ root }: Source): boolean {
  return root === undefined || (root.kind === "scalar" && root.value === null);
}
