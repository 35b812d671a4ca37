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
import { blackLetters, locator } from "./letters.ts";
import { typePlainScalar } from "./scalar-value.ts";
import { MAX_DEPTH, type ReadText, type TextProblem } from "./text-problem.ts";
import { yamlProblems } from "./yaml-problems.ts";
import type { Entry, ScalarNode, SourceNode } from "./source.ts";

export function readYaml(text: string): ReadText {
  const problems: TextProblem[] = [];
  try {
    const root = new YamlReader(text, problems).read();
    return { root, problems };
  } catch (error) {
    if (!(error instanceof RangeError)) throw error;
    return { root: undefined, problems: [{ start: 0, end: 1, message: "nested too deeply", severity: "error" }] };
  }
}

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
    // After any other mistake of syntax the tree is a guess, and what is wrong with a guess is noise.
    if (document.contents === null || document.errors.some(({ code }) => code !== "DUPLICATE_KEY")) return undefined;
    return this.#node(document.contents, 0);
  }

  #warnOfMore(document: Document.Parsed): void {
    const end = document.range[2];
    const rest = this.#text.slice(end).replace(/^\s*(?:\.\.\.|---)/, "");
    if (!/\S/.test(rest.replaceAll(/#.*/g, ""))) return;
    const start = end + (/^\s*/.exec(this.#text.slice(end))?.[0].length ?? 0);
    this.#warning(start, start + 3, "only the first document is read; what follows here is ignored");
  }

  #node(node: Node, depth: number): SourceNode {
    const [start, end] = node.range ?? [0, 0];
    if (depth > MAX_DEPTH) {
      this.#error(start, start + 1, "nested too deeply");
      return empty(start);
    }
    if (isAlias(node)) {
      this.#error(start, end, `aliases such as *${node.source} are not followed`, "the value itself, written out");
      return empty(start);
    }
    this.#warnOfTag(node);
    if (isScalar(node)) return scalar(node, this.#text);
    if (isSeq(node)) {
      const items = node.items.map((item) => this.#node(item as Node, depth + 1));
      return { kind: "list", items, start, end: trimmedEnd(this.#text, start, end) };
    }
    if (isMap(node)) return this.#mapping(node, depth);
    return empty(start);
  }

  #mapping(map: Node, depth: number): SourceNode {
    const [start, end] = map.range ?? [0, 0];
    const entries = new Map<string, Entry>();
    for (const pair of isMap(map) ? map.items : []) {
      const key = pair.key as Node;
      const [keyStart, keyEnd] = key.range ?? [start, start];
      this.#refuseTabs(pair.srcToken);
      if (!isScalar(key)) {
        this.#error(keyStart, keyEnd, "a key cannot be a list, a mapping or an alias", "a text");
        continue;
      }
      const value = pair.value === null ? empty(keyEnd) : this.#node(pair.value as Node, depth + 1);
      const name = typeof key.value === "string" ? key.value : String(key.value ?? "");
      if (!entries.has(name)) entries.set(name, { keyStart, keyEnd, value });
    }
    return { kind: "mapping", entries, start, end: trimmedEnd(this.#text, start, end) };
  }

  #refuseTabs(token: CST.CollectionItem | undefined): void {
    for (const part of token?.sep ?? []) {
      if (part.type !== "space" || !part.source.includes("\t")) continue;
      const at = part.offset + part.source.indexOf("\t");
      this.#error(at, at + 1, "a tab between a key and its value", "spaces");
    }
  }

  #warnOfTag(node: Node): void {
    const tag = isScalar(node) || isSeq(node) || isMap(node) ? node.tag : undefined;
    if (tag === undefined) return;
    const written = tag.replace("tag:yaml.org,2002:", "!!");
    const start = Math.max(0, this.#text.lastIndexOf("!", node.range?.[0]) - (written.startsWith("!!") ? 1 : 0));
    this.#warning(start, start + written.length, `the tag ${written} is ignored`);
  }

  #error(start: number, end: number, message: string, expected?: string): void {
    this.#problems.push({ start, end, message, severity: "error", ...(expected === undefined ? {} : { expected }) });
  }

  #warning(start: number, end: number, message: string): void {
    this.#problems.push({ start, end, message, severity: "warning" });
  }
}

function scalar(node: Scalar, file: string): ScalarNode {
  const [start, end] = node.range ?? [0, 0];
  const text = typeof node.value === "string" ? node.value : "";
  const plain = node.type === undefined || node.type === "PLAIN";
  const value = plain ? typePlainScalar(text) : text;
  const [from, to, quote] = rawStretch(node, start, end, file);
  const locate = (offset: number): number =>
    locator(text, blackLetters(file.slice(from, to), from, quote), from, to)(offset);
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
