/** Reads strict JSON into a tree with places; what follows the value is ignored, as Linkerd 1 did. */
import { duplicateKey } from "./duplicate-key.ts";
import { blackLetters, locator } from "./letters.ts";
import type { Entry, ScalarNode, SourceNode } from "./source.ts";
import { MAX_DEPTH, type ReadText, type TextProblem } from "./text-problem.ts";

export function readJson(text: string): ReadText {
  const reader = new JsonReader(text);
  try {
    return { root: reader.value(0), problems: reader.problems };
  } catch (error) {
    if (!(error instanceof JsonProblem)) throw error;
    return { root: undefined, problems: [...reader.problems, error.problem] };
  }
}

class JsonProblem extends Error {
  readonly problem: TextProblem;
  constructor(problem: TextProblem) {
    super(problem.message);
    this.problem = problem;
  }
}

const STRING = /"(?:[^"\\]|\\.)*"/y;
const NUMBER = /-?(?:0|[1-9]\d*)(?:\.\d+)?(?:[eE][-+]?\d+)?/y;
const WORD = /true|false|null/y;
const SPACE = /[ \t\n\r]*/y;

class JsonReader {
  readonly problems: TextProblem[] = [];
  readonly #text: string;
  #at = 0;
  constructor(text: string) {
    this.#text = text;
  }

  value(depth: number): SourceNode {
    this.#take(SPACE);
    if (depth > MAX_DEPTH) this.#fail("nested too deeply", undefined);
    const start = this.#at;
    const char = this.#text[start];
    if (char === "{") return this.#object(start, depth);
    if (char === "[") return this.#list(start, depth);
    if (char === '"') return this.#string();
    const token = this.#take(NUMBER) ?? this.#take(WORD);
    if (token === undefined) this.#fail("this is not JSON", "a value");
    return scalar(JSON.parse(token) as number | boolean | null, token, start, this.#at);
  }

  #object(start: number, depth: number): SourceNode {
    const entries = new Map<string, Entry>();
    this.#at++;
    if (this.#eat("}")) return { kind: "mapping", entries, start, end: this.#at };
    do {
      this.#take(SPACE);
      const key = this.#string();
      if (!this.#eat(":")) this.#fail("this is not JSON", "`:` after the key");
      const value = this.value(depth + 1);
      const first = entries.get(key.text);
      if (first) this.problems.push(duplicateKey(this.#text, key.text, first.keyStart, key.start, key.end));
      else entries.set(key.text, { keyStart: key.start, keyEnd: key.end, value });
    } while (this.#eat(","));
    if (!this.#eat("}")) this.#fail("this is not JSON", "`,` or `}`");
    return { kind: "mapping", entries, start, end: this.#at };
  }

  #list(start: number, depth: number): SourceNode {
    const items: SourceNode[] = [];
    this.#at++;
    if (this.#eat("]")) return { kind: "list", items, start, end: this.#at };
    do items.push(this.value(depth + 1));
    while (this.#eat(","));
    if (!this.#eat("]")) this.#fail("this is not JSON", "`,` or `]`");
    return { kind: "list", items, start, end: this.#at };
  }

  #string(): ScalarNode {
    const start = this.#at;
    const token = this.#take(STRING);
    if (token === undefined) this.#fail("this is not JSON", "a text in double quotes");
    const text = unquote(token);
    if (text === undefined) {
      this.#at = start;
      this.#fail("this text is not JSON", "the escapes of JSON, and no line breaks or control characters");
    }
    const places = blackLetters(token.slice(1, -1), start + 1, '"');
    const locate = locator(text, places, start + 1, this.#at - 1);
    return { kind: "scalar", value: text, text, start, end: this.#at, locate };
  }

  #eat(char: string): boolean {
    this.#take(SPACE);
    if (this.#text[this.#at] !== char) return false;
    this.#at++;
    return true;
  }

  #take(pattern: RegExp): string | undefined {
    pattern.lastIndex = this.#at;
    const token = pattern.exec(this.#text)?.[0];
    if (token !== undefined) this.#at += token.length;
    return token;
  }

  #fail(message: string, expected: string | undefined): never {
    const found = this.#at < this.#text.length ? "" : "; the text ends here";
    const place = { start: this.#at, end: this.#at + 1, code: "json.syntax" as const, severity: "error" as const };
    throw new JsonProblem({ ...place, message: message + found, ...(expected === undefined ? {} : { expected }) });
  }
}

function unquote(token: string): string | undefined {
  try {
    return JSON.parse(token) as string;
  } catch {
    return undefined;
  }
}

function scalar(value: number | boolean | null, text: string, start: number, end: number): ScalarNode {
  return { kind: "scalar", value, text, start, end, locate: (offset) => Math.min(start + offset, end) };
}
