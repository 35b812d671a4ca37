/** Reads a configuration text, YAML or JSON, and gathers what is wrong with the text itself. */
import { ProblemList } from "./config-error.ts";
import { readJson } from "./json-source.ts";
import { Source } from "./source.ts";
import { warnOfVariables } from "./unexpanded.ts";
import { readYaml } from "./yaml-source.ts";

/** No configuration is longer than this. */
const MAX_LENGTH = 4 * 1024 * 1024;

/** `source.root` is undefined when the text holds no value or cannot be read; the problems then say why. */
export function readSource(file: string, written: string): { source: Source; problems: ProblemList } {
  const text = written.startsWith("\uFEFF") ? written.slice(1) : written;
  if (text.length > MAX_LENGTH) {
    const problems = new ProblemList(new Source(file, ""));
    const message = `the file has ${text.length} characters; at most ${MAX_LENGTH} are read`;
    problems.addAt({ start: 0, end: 1, code: "file.unreadable", severity: "error", message });
    return { source: problems.source, problems };
  }
  const read = text.trimStart().startsWith("{") ? readJson(text) : readYaml(text);
  const source = new Source(file, text, read.root);
  const problems = new ProblemList(source);
  for (const problem of read.problems) problems.addAt(problem);
  if (source.root !== undefined) warnOfVariables(source.root, problems);
  if (text !== written) {
    const message = "the byte order mark before this is read over";
    problems.addAt({ start: 0, end: 1, code: "yaml.ignored", severity: "warning", message });
  }
  if (!problems.hasErrors && isNothing(source)) {
    const expected = "`routers`, or `sources` and `routes`";
    const message = "the file holds no configuration";
    problems.addAt({ start: 0, end: 1, code: "file.empty", severity: "error", message, expected });
  }
  return { source, problems };
}

function isNothing({ root }: Source): boolean {
  return root === undefined || (root.kind === "scalar" && root.value === null);
}
