/** Reads the first document of a YAML text into a tree with places. */
import {
  Composer,
  isAlias,
  isMap,
  isScalar,
  isSeq,
  Parser,
  type CST,
  type Document,
  type Node,
  type Scalar,
} from "yaml";
import { duplicateKey } from "./duplicate-key.ts";
import { blackLetters, codePoint, locator } from "./letters.ts";
import { surpriseInText, typePlainScalar } from "./scalar-value.ts";
import { MAX_DEPTH, type ReadText, type TextProblem, TOO_DEEP } from "./text-problem.ts";
import { yamlProblems } from "./yaml-problems.ts";
import type { Entry, ScalarNode, SourceNode } from "./source.ts";

export function readYaml(text: string): ReadText {
  const problems: TextProblem[] = [];
  try {
    const root = new YamlReader(text, problems).read();
    return { root, problems };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    const problem = { start: 0, end: 1, code: "yaml.syntax", message: TOO_DEEP, severity: "error" } as const;
    return { root: undefined, problems: [problem] };
  }
}

/** A problem without its severity. */
type Said = Omit<TextProblem, "severity">;

class YamlReader {
  readonly #text: string;
  readonly #problems: TextProblem[];
  constructor(text: string, problems: TextProblem[]) {
    this.#text = text;
    this.#problems = problems;
  }

  read(): SourceNode | undefined {
    const composer = new Composer({
      schema: "failsafe",
      keepSourceTokens: true,
      prettyErrors: false,
      uniqueKeys: false,
      logLevel: "silent",
    });
    const documents = composer.compose(new Parser().parse(this.#text), false, this.#text.length);
    const first = documents.next();
    if (first.done === true) return undefined;
    const root = this.#document(first.value);
    if (first.value.errors.length === 0) this.#warnOfMore(first.value);
    return root;
  }

  #document(document: Document.Parsed): SourceNode | undefined {
    this.#problems.push(...yamlProblems(document, this.#text));
    // After a mistake of syntax the tree is a guess, and what is wrong with a guess is noise.
    if (document.contents === null || document.errors.length > 0) return undefined;
    this.#warnOfDirectives(document.contents.range?.[0] ?? 0);
    return this.#node(document.contents, 0);
  }

  #warnOfDirectives(end: number): void {
    for (const { index, 0: line } of this.#text.slice(0, end).matchAll(/^%.*$/gm)) {
      this.#ignored(index, index + line.length, `the line ${line.trimEnd()} is read over`);
    }
  }

  #warnOfMore(document: Document.Parsed): void {
    const end = document.range[2];
    const rest = this.#text.slice(end).replace(/^\s*(?:\.\.\.|---)/, "");
    if (!/\S/.test(rest.replaceAll(/#.*/g, ""))) return;
    const start = end + (/^\s*/.exec(this.#text.slice(end))?.[0].length ?? 0);
    this.#ignored(start, start + 3, "only the first document is read; what follows here is ignored");
  }

  #node(node: Node, depth: number): SourceNode {
    const [start, end] = node.range ?? [0, 0];
    if (depth > MAX_DEPTH) {
      this.#error({ start, end: start + 1, code: "yaml.syntax", message: TOO_DEEP });
      return empty(start);
    }
    if (isAlias(node)) {
      const message = `aliases such as *${node.source} are not followed`;
      this.#error({ start, end, code: "yaml.alias", message, expected: "the value itself, written out" });
      return empty(start);
    }
    this.#warnOfProperties(node);
    if (isScalar(node)) return this.#scalar(node, start, end);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#node(item as Node, depth + 1));
      return { kind: "list", items, start, end: trimmedEnd(this.#text, start, end) };
    }
    if (isMap(node)) return this.#mapping(node, depth);
    return empty(start);
  }

  #scalar(node: Scalar, start: number, end: number): ScalarNode {
    const read = scalar(node, this.#text);
    const message = isPlain(node) ? surpriseInText(read.text) : undefined;
    if (message !== undefined) {
      const expected = `"${read.text}" in quotes, which all readers read alike`;
      this.#problems.push({ start, end, code: "yaml.surprise", severity: "warning", message, expected });
    }
    return read;
  }

  #mapping(map: Node, depth: number): SourceNode {
    const [start, end] = map.range ?? [0, 0];
    const entries = new Map<string, Entry>();
    for (const pair of isMap(map) ? map.items : []) {
      const key = pair.key as Node;
      const [keyStart, keyEnd] = key.range ?? [start, start];
      this.#refuseTabs(pair.srcToken);
      const refused = whyNoKey(key);
      if (refused !== undefined) {
        this.#error({ start: keyStart, end: keyEnd, ...refused });
        continue;
      }
      const value = pair.value === null ? empty(keyEnd) : this.#node(pair.value as Node, depth + 1);
      const name = keyText(key);
      const first = entries.get(name);
      if (first) this.#problems.push(duplicateKey(this.#text, name, first.keyStart, keyStart, keyEnd));
      else entries.set(name, { keyStart, keyEnd, value });
    }
    return { kind: "mapping", entries, start, end: trimmedEnd(this.#text, start, end) };
  }

  #refuseTabs(token: CST.CollectionItem | undefined): void {
    for (const part of token?.sep ?? []) {
      if (part.type !== "space" || !part.source.includes("\t")) continue;
      const start = part.offset + part.source.indexOf("\t");
      const message = "a tab between a key and its value";
      this.#error({ start, end: start + 1, code: "yaml.syntax", message, expected: "spaces" });
    }
  }

  #warnOfProperties(node: Node): void {
    if (!isScalar(node) && !isSeq(node) && !isMap(node)) return;
    const { tag, anchor, range } = node;
    const written = tag?.replace("tag:yaml.org,2002:", "!!");
    const before = this.#text.slice(0, range?.[0] ?? 0);
    if (written !== undefined) {
      const start = Math.max(0, before.lastIndexOf("!") - (written.startsWith("!!") ? 1 : 0));
      this.#ignored(start, start + written.length, `the tag ${written} is ignored`);
    }
    if (anchor !== undefined) {
      const start = Math.max(0, before.lastIndexOf(`&${anchor}`));
      this.#ignored(start, start + anchor.length + 1, `the anchor &${anchor} is ignored: aliases are not followed`);
    }
  }

  #error(said: Said): void {
    this.#problems.push({ ...said, severity: "error" });
  }

  #ignored(start: number, end: number, message: string): void {
    this.#problems.push({ start, end, code: "yaml.ignored", message, severity: "warning" });
  }
}

/** Letters that look like a space, or like nothing. */
const UNSEEN = /[\u00a0\u2000-\u200f\u2028\u2029\u202f\u2060\ufeff]/;

function whyNoKey(key: Node): Omit<Said, "start" | "end"> | undefined {
  if (!isScalar(key)) {
    return { code: "yaml.syntax", message: "a key cannot be a list, a mapping or an alias", expected: "a text" };
  }
  const name = keyText(key);
  if (name === "<<" && isPlain(key)) {
    const message = "merge keys (`<<`) are not followed";
    return { code: "yaml.alias", message, expected: "the keys themselves, written out" };
  }
  const unseen = UNSEEN.exec(name)?.[0];
  if (unseen === undefined || !isPlain(key)) return undefined;
  const message = `this key has the unseen letter ${codePoint(unseen.codePointAt(0) ?? 0)} in it`;
  return { code: "yaml.syntax", message, expected: "a space" };
}

function keyText(key: Node): string {
  const value: unknown = isScalar(key) ? key.value : undefined;
  return typeof value === "string" ? value : String(value ?? "");
}

function isPlain({ type }: Scalar): boolean {
  return type === undefined || type === "PLAIN";
}

function scalar(node: Scalar, file: string): ScalarNode {
  const [start, end] = node.range ?? [0, 0];
  const text = typeof node.value === "string" ? node.value : "";
  const value = isPlain(node) ? typePlainScalar(text) : text;
  const [from, to, quote] = rawStretch(node, start, end, file);
  // Made when it is first asked for: a dtab of thousands of lines is asked for each of them, most texts never.
  let find: ((offset: number) => number) | undefined;
  const locate = (offset: number): number => {
    find ??= locator(text, blackLetters(file.slice(from, to), from, quote), from, to);
    return find(offset);
  };
  return { kind: "scalar", value, text, start, end: trimmedEnd(file, start, end), locate };
}

/** The part of the file that holds the letters, without quotes and without a block's header. */
function rawStretch(node: Scalar, start: number, end: number, file: string): [number, number, "" | "'" | '"'] {
  if (node.type === "QUOTE_DOUBLE") return [start + 1, end - 1, '"'];
  if (node.type === "QUOTE_SINGLE") return [start + 1, end - 1, "'"];
  if (node.type !== "BLOCK_FOLDED" && node.type !== "BLOCK_LITERAL") return [start, end, ""];
  const newline = file.indexOf("\n", start);
  return [newline < 0 ? end : newline + 1, end, ""];
}

function empty(at: number): ScalarNode {
  return { kind: "scalar", value: null, text: "", start: at, end: at, locate: () => at };
}

function trimmedEnd(file: string, start: number, end: number): number {
  return start + file.slice(start, end).trimEnd().length;
}
