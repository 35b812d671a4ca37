/** A configuration file as a tree of values, each with its place in the text. */
import type { SchemaSource } from "./plugin.ts";
import type { At } from "./field.ts";

/** A scalar's letters, and where each of them stands in the file. */
export interface ScalarNode {
  readonly kind: "scalar";
  readonly value: string | number | boolean | null;
  /** The letters after unquoting and unfolding. */
  readonly text: string;
  readonly start: number;
  readonly end: number;
  /** The place in the file of the letter at `offset` of `text`. */
  locate(offset: number): number;
}

export interface ListNode {
  readonly kind: "list";
  readonly items: readonly SourceNode[];
  readonly start: number;
  readonly end: number;
}

export interface MappingNode {
  readonly kind: "mapping";
  readonly entries: ReadonlyMap<string, Entry>;
  readonly start: number;
  readonly end: number;
}

export interface Entry {
  readonly keyStart: number;
  readonly keyEnd: number;
  readonly value: SourceNode;
}

export type SourceNode = ScalarNode | ListNode | MappingNode;

/** A stretch of one line. `line` and `column` count from 1, columns in UTF-16 units. */
export interface Place {
  readonly line: number;
  readonly column: number;
  readonly length: number;
}

/** What of a value is meant: its key, or a stretch of its letters. */
export interface Aspect {
  readonly key?: boolean;
  readonly offset?: number;
  readonly length?: number;
}

/** A file that has been read. */
export class Source {
  readonly file: string;
  readonly text: string;
  readonly root: SourceNode | undefined;
  readonly lineStarts: readonly number[];
  readonly #length: number;

  /** `lineStarts` are given where the text is not: places are known all the same. */
  constructor(file: string, text: string, root?: SourceNode, lineStarts?: readonly number[]) {
    this.file = file;
    this.text = text;
    this.root = root;
    this.lineStarts = lineStarts ?? lineStartsOf(text);
    this.#length = lineStarts === undefined ? text.length : Infinity;
  }

  /** The tree as plain data. */
  get value(): unknown {
    return this.root === undefined ? undefined : plain(this.root);
  }

  /** The text of a line, without its end. */
  line(number: number): string {
    const start = this.lineStarts[number - 1] ?? this.text.length;
    const end = this.lineStarts[number] ?? this.text.length + 1;
    return this.text.slice(start, end - 1).replace(/\r$/, "");
  }

  /** The stretch [start, end) of the text, cut at the end of its first line. */
  placeOf(start: number, end: number): Place {
    const offset = Math.max(0, Math.min(start, this.#length));
    const line = this.#lineAt(offset);
    const column = offset - (this.lineStarts[line - 1] ?? 0) + 1;
    const rest = this.line(line).length - column + 1;
    return { line, column, length: Math.max(1, Math.min(end - offset, rest)) };
  }

  /** Where the value at a path of keys and indexes stands, or the nearest thing above it that is written. */
  place(at: At, aspect: Aspect = {}): Place {
    const found = this.#find(at);
    if (found === undefined) return this.placeOf(0, 1);
    const { node, entry, whole } = found;
    if (entry && (!whole || aspect.key === true || isAbsent(node))) return this.placeOf(entry.keyStart, entry.keyEnd);
    if (entry && node.kind !== "scalar" && this.#lineAt(node.start) !== this.#lineAt(entry.keyStart)) {
      return this.placeOf(entry.keyStart, entry.keyEnd);
    }
    if (node.kind !== "scalar" || aspect.offset === undefined) return this.placeOf(node.start, node.end);
    const start = node.locate(aspect.offset);
    return this.placeOf(start, start + (aspect.length ?? 1));
  }

  node(at: At): SourceNode | undefined {
    const found = this.#find(at);
    return found?.whole === true ? found.node : undefined;
  }

  /** A view for a schema that parses the value at `base`. */
  under(base: At, warn?: SchemaSource["warn"]): SchemaSource {
    const textAt = (at: At): string | undefined => {
      const node = this.node([...base, ...at]);
      return node?.kind === "scalar" ? node.text : undefined;
    };
    return warn === undefined ? { textAt } : { textAt, warn };
  }

  #find(at: At): { node: SourceNode; entry: Entry | undefined; whole: boolean } | undefined {
    if (this.root === undefined) return undefined;
    let node = this.root;
    let entry: Entry | undefined;
    for (const step of at) {
      const nextEntry: Entry | undefined = node.kind === "mapping" ? node.entries.get(String(step)) : undefined;
      const next: SourceNode | undefined = node.kind === "list" ? node.items[Number(step)] : nextEntry?.value;
      if (next === undefined) return { node, entry, whole: false };
      node = next;
      entry = nextEntry;
    }
    return { node, entry, whole: true };
  }

  #lineAt(offset: number): number {
    return lineAt(this.lineStarts, offset);
  }
}

/** From 1. */
export function lineAt(starts: readonly number[], offset: number): number {
  let low = 0;
  let high = starts.length;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if ((starts[middle] ?? Infinity) <= offset) low = middle;
    else high = middle;
  }
  return low + 1;
}

function isAbsent(node: SourceNode): boolean {
  return node.kind === "scalar" && node.start === node.end;
}

function plain(node: SourceNode): unknown {
  if (node.kind === "scalar") return node.value;
  if (node.kind === "list") return node.items.map(plain);
  return Object.fromEntries([...node.entries].map(([key, entry]) => [key, plain(entry.value)]));
}

/** Where each line of a text begins. */
export function lineStartsOf(text: string): readonly number[] {
  const starts = [0];
  for (let at = text.indexOf("\n"); at >= 0; at = text.indexOf("\n", at + 1)) starts.push(at + 1);
  return starts;
}
