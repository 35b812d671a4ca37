/** Slips that the reader of YAML takes for something else, and notices a line too late. */
import type { YAMLError } from "yaml";
import { codePoint } from "./letters.ts";
import type { TextProblem } from "./text-problem.ts";

type Slip = Pick<TextProblem, "start" | "end" | "message" | "expected">;

/** What was meant to be something else in the line that the error begins in; `undefined` where it is none of these. */
export function slipIn({ code, message, pos: [at] }: YAMLError, text: string): Slip | undefined {
  const begin = text.lastIndexOf("\n", at - 1) + 1;
  const line = /.*/.exec(text.slice(begin))?.[0] ?? "";
  const slip = (index: number, length: number, says: string, expected: string): Slip => ({
    start: begin + index,
    end: begin + index + length,
    message: says,
    expected,
  });
  const [, before = "", star] = /^([^#"']*(?:: +|- +|^ *))(\*)(?=\s*(?::|$))/.exec(line) ?? [];
  if (star !== undefined && /node end|[Aa]lias/.test(message)) {
    return slip(before.length, 1, "`*` without quotes is an alias", '`"*"`');
  }
  if (code !== "MULTILINE_IMPLICIT_KEY") return undefined;
  const blank = line.search(/[\u00a0\u2000-\u200b\u202f\u3000]/);
  if (blank >= 0) {
    const letter = codePoint(line.codePointAt(blank) ?? 0);
    return slip(blank, 1, `the letter ${letter} looks like a space and is none`, "a space");
  }
  const [, left = "", key, value] = /^( *(?:- +)?)([\w.-]+):(\S+)/.exec(line) ?? [];
  if (key !== undefined) return slip(left.length + key.length, 1, "no space after the `:`", `\`${key}: ${value}\``);
  const dash = /^ *-(?=[^\s-])/.exec(line);
  if (dash) return slip(dash[0].length - 1, 1, "no space after the `-`", "`- `");
  const entry = /^ *- +\S+: /.exec(line);
  // Where an entry may stand, its dash is no part of a text.
  if (text[at] === "-" && entry)
    return slip(line.indexOf("-"), 1, "an entry of a list among the keys of a mapping", "`- ` before all, or none");
  const above = text.slice(0, begin).trimEnd();
  if (!above.endsWith(":") || line.includes(":")) return undefined;
  const indent = line.length - line.trimStart().length;
  return slip(
    indent,
    line.trim().length,
    "this value is not indented below its key",
    "it in the same line, or further right",
  );
}
