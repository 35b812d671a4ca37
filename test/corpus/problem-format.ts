/** The one format in which problems of a configuration are shown. */

const HEAD = /^[^\n]*:\d+:\d+: (?:error|warning): \S/;
const EXCERPT = /^ {2}\d+ \| /;
const CARET = /^ {2} +\| *\^+$/;
const HINT = /^ {2}(?:expected|did you mean) /;
const COUNT = /^\d+ errors?(?:, \d+ warnings?)?\. \S/;

/** The lines of what a command printed on standard error that are not of the format. */
export function notInTheFormat(printed: string): readonly string[] {
  const lines = printed.split("\n").filter((line) => line !== "");
  const last = lines.at(-1) ?? "";
  return [
    ...lines.slice(0, -1).filter((line) => ![HEAD, EXCERPT, CARET, HINT].some((form) => form.test(line))),
    ...(COUNT.test(last) ? [] : [last]),
  ];
}
