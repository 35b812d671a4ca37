/** What every field of a schema has: a default, a sentence of documentation, a JSON Schema and a way to be read. */
import { SchemaError, type Schema, type SchemaProblem, type SchemaSource } from "./plugin.ts";

/** Keys and indexes from the object that is parsed to a value in it. */
export type At = readonly (string | number)[];

/** The kinds of YAML value that a field can be. */
export type Shape = "text" | "number" | "boolean" | "list" | "mapping";

export interface FieldOptions {
  /** One sentence for the reference and for editors. */
  readonly doc?: string;
  /** As it would be written in the file. */
  readonly default?: unknown;
}

/** One parse under way: where problems gather. */
export interface Reading {
  readonly problems: SchemaProblem[];
  readonly source: SchemaSource;
}

/** One field. Fields hold no state of a parse, so one may stand in many schemas. */
export abstract class Field<T> implements Schema<T> {
  readonly doc: string | undefined;
  readonly default: unknown;
  constructor(options: FieldOptions = {}) {
    this.doc = options.doc;
    this.default = options.default;
  }

  /** What a file must say here, in words: "a whole number from 0 to 65535". */
  abstract readonly expected: string;
  abstract readonly shapes: readonly Shape[];
  /** Reads what is there; `undefined` after it has added a problem. `input` is never null or undefined. */
  abstract read(input: unknown, at: At, reading: Reading): T | undefined;
  protected abstract describe(): object;

  /** Whether a file may leave it out. */
  get mayBeAbsent(): boolean {
    return this.default !== undefined;
  }

  get json(): object {
    return {
      ...this.describe(),
      ...(this.doc === undefined ? {} : { description: this.doc }),
      ...(this.default === undefined ? {} : { default: this.default }),
    };
  }

  /** The value when the file says nothing, or null. */
  absent(at: At, reading: Reading): T | undefined {
    if (this.default !== undefined) return this.read(this.default, at, reading);
    const name = at.at(-1);
    const message = name === undefined ? "nothing is written here" : `${quoteKey(name)} is missing`;
    reading.problems.push({ at: at.slice(0, -1), code: "key.missing", message, expected: this.expected });
    return undefined;
  }

  /** `read` or `absent`, as the input demands. */
  take(input: unknown, at: At, reading: Reading): T | undefined {
    if (input === null && at.length > 0 && !this.mayBeAbsent) return this.mismatch(input, at, reading);
    return input === undefined || input === null ? this.absent(at, reading) : this.read(input, at, reading);
  }

  parse(input: unknown, source: SchemaSource = {}): T {
    const reading: Reading = { problems: [], source };
    const value = this.take(input, [], reading);
    if (reading.problems.length > 0) throw new SchemaError(reading.problems);
    return value as T;
  }

  /** Adds the problem that something of another type stands here. */
  protected mismatch(input: unknown, at: At, reading: Reading, hint = slipIn(input, this.shapes)): undefined {
    const received = describeValue(input, reading.source.textAt?.(at));
    const name = at.at(-1);
    const subject = typeof name === "string" ? quoteKey(name) : "this";
    const message = `${subject} is ${received}${hint === undefined ? "" : `: ${hint}`}`;
    reading.problems.push({ at, code: "value.type", message, expected: this.expected, received });
    return undefined;
  }
}

/** A mapping of which the space after a `:` was forgotten is a text. */
function slipIn(input: unknown, shapes: readonly Shape[]): string | undefined {
  const isKey = typeof input === "string" && /^["']?[\w.*-]+["']?:\S/.test(input);
  return isKey && shapes.includes("mapping") ? "there is no space after the `:`" : undefined;
}

/** A value as an error names it: `the number 5`, `the text "5s"`, `a list`. */
export function describeValue(input: unknown, text?: string): string {
  if (Array.isArray(input)) return input.length === 0 ? "an empty list" : "a list";
  if (input === null || input === undefined) return "empty";
  if (typeof input === "object") return "a mapping";
  if (typeof input === "string") return `the text ${JSON.stringify(shorten(text ?? input))}`;
  return `${typeof input === "boolean" ? "the boolean" : "the number"} ${shorten(text ?? String(input))}`;
}

export function shapeOf(input: unknown): Shape {
  if (Array.isArray(input)) return "list";
  if (typeof input === "object") return "mapping";
  if (typeof input === "number" || typeof input === "bigint") return "number";
  return typeof input === "boolean" ? "boolean" : "text";
}

/** On one line, whatever is in it: problems are read line by line. */
export function quoteKey(name: string | number): string {
  return typeof name === "number" ? `entry ${name + 1}` : `\`${name.replace(BREAKS, escaped)}\``;
}

const BREAKS = /[\p{Cc}\u2028\u2029]/gu;

const escaped = (letter: string): string => `\\u${letter.charCodeAt(0).toString(16).padStart(4, "0")}`;

function shorten(text: string): string {
  return text.length > 60 ? `${text.slice(0, 57)}...` : text;
}
