/** Says what is wrong with a YAML text in words for who writes it, and where the mistake was made. */
import { isMap, isSeq, visit, type Document, type ErrorCode, type YAMLError } from "yaml";
import { slipIn } from "./yaml-slips.ts";
import { TOO_DEEP, type TextProblem } from "./text-problem.ts";

/** So many tabs are shown. */
const MAX_PROBLEMS = 10;

interface Wording {
  readonly message: string;
  readonly expected?: string;
}

const wordings: { readonly [code in ErrorCode]?: Wording } = {
  BAD_INDENT: {
    message: "this line is not indented like its neighbours",
    expected: "the same column for all keys of a mapping",
  },
  BLOCK_AS_IMPLICIT_KEY: { message: "a second `: ` in one line", expected: "a new line, or quotes around the text" },
  BLOCK_IN_FLOW: { message: "a block begins inside brackets", expected: "the closing bracket first" },
  MULTILINE_IMPLICIT_KEY: { message: "this line is indented further than its neighbours", expected: "the same column" },
  TAB_AS_INDENT: { message: "a tab in the indentation", expected: "spaces" },
};

/**
 * The errors of a document, reworded. After the first of them the reader guesses what was meant, and finds mistakes where
 * there are none; only that a line begins with a tab is certain, whatever stands above it.
 */
export function yamlProblems(document: Document.Parsed, text: string): readonly TextProblem[] {
  if (document.errors.some(isExhaustion)) {
    return [{ start: 0, end: 1, code: "yaml.syntax", message: TOO_DEEP, severity: "error" }];
  }
  const multiline = new Set(document.errors.filter(isMultiline).map(({ pos }) => pos[0]));
  const errors = document.errors
    .filter((each) => isMultiline(each) || !multiline.has(each.pos[0]))
    .filter((each, at) => at === 0 || each.code === "TAB_AS_INDENT");
  return errors.slice(0, MAX_PROBLEMS).map((error) => {
    const slip = slipIn(error, text);
    if (slip !== undefined) return { ...slip, code: "yaml.syntax", severity: "error" };
    const start = startOf(error, document, text);
    const end = Math.max(error.pos[1], start + 1);
    const wording = isMultiline(error) && start <= error.pos[0] ? withoutColon(text, start) : wordingOf(error);
    return { start, end, code: "yaml.syntax", severity: "error", ...wording };
  });
}

function wordingOf(error: YAMLError): Wording {
  const message = error.message.split("\n")[0] ?? error.message;
  if (/closing .quote/.test(message)) return { message: "this quote is never closed", expected: "a closing quote" };
  const bracket = /end with an? ([\]}])/.exec(message)?.[1];
  if (bracket !== undefined) return { message: "this bracket is never closed", expected: `\`${bracket}\`` };
  const known = isLost(error) ? wordings.BAD_INDENT : wordings[error.code];
  if (known !== undefined) return known;
  if (/node end/.test(message)) return { message: "a value goes on behind its end", expected: "a new line, or quotes" };
  const [, first] = /^Plain value cannot start with .*(.)$/.exec(message) ?? [];
  if (first !== undefined) return { message: `a text cannot begin with \`${first}\``, expected: "quotes around it" };
  if (/Implicit map keys? need/.test(message))
    return { message: "a key without a value", expected: "`: ` after the key" };
  return { message: message.charAt(0).toLowerCase() + message.slice(1) };
}

/** Where the mistake was made, which is seldom where the reader noticed it. */
function startOf(error: YAMLError, document: Document.Parsed, text: string): number {
  const [at] = error.pos;
  if (error.code === "MISSING_CHAR" && /closing .quote/.test(error.message)) {
    const quote = error.message.includes('"') ? '"' : "'";
    return Math.max(0, text.lastIndexOf(quote, at - 1));
  }
  if (/end with an? [\]}]/.test(error.message)) return unclosed(document, text) ?? at;
  if (isMultiline(error)) return indentAt(text, nextLine(text, at)) > indentAt(text, at) ? nextLine(text, at) : at;
  return error.code === "BAD_INDENT" || isLost(error) ? at + (/^ */.exec(text.slice(at))?.[0].length ?? 0) : at;
}

/** The beginning of the last list or mapping in brackets that lacks its end. */
function unclosed(document: Document.Parsed, text: string): number | undefined {
  let found: number | undefined;
  visit(document, {
    Collection(_, node) {
      const [start, end] = node.range ?? [0, 0];
      if (!(isMap(node) || isSeq(node)) || node.flow !== true) return;
      if (text[end - 1] !== (isMap(node) ? "}" : "]") || end - start < 2) found = start;
    },
  });
  return found;
}

/** What looks like a key over two lines is a key in the second, too far to the right. */
function isMultiline({ code }: YAMLError): boolean {
  return code === "MULTILINE_IMPLICIT_KEY";
}

/** A line that is only a word, among keys. */
function withoutColon(text: string, start: number): Wording {
  const word = /^\S*/.exec(text.slice(start, start + 60))?.[0] ?? "";
  return { message: "a key without a `:`", expected: `\`${word}:\`` };
}

/** What is neither a key of its mapping nor an entry of its list. */
function isLost({ message }: YAMLError): boolean {
  return /without - indicator/.test(message);
}

/** How far the line that holds `at` is indented. */
function indentAt(text: string, at: number): number {
  const start = text.lastIndexOf("\n", at - 1) + 1;
  return /^ */.exec(text.slice(start))?.[0].length ?? 0;
}

function nextLine(text: string, at: number): number {
  const newline = text.indexOf("\n", at);
  if (newline < 0) return at;
  return newline + 1 + (/^ */.exec(text.slice(newline + 1))?.[0].length ?? 0);
}

function isExhaustion(error: YAMLError): boolean {
  return /call stack/i.test(error.message);
}
