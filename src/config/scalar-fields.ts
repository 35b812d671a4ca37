/** The fields that hold one scalar. */
import { isIP } from "node:net";
import { ParseError } from "../naming/parser.ts";
import { describeValue, Field, quoteKey, type At, type FieldOptions, type Reading, type Shape } from "./field.ts";
import { nearest } from "./nearest.ts";
import { codePoint } from "./letters.ts";
import type { ProblemCode } from "./problem-code.ts";
import { surpriseIn, surpriseInLetters } from "./scalar-value.ts";

/** Bounds of a number, both inclusive. */
export interface Range {
  readonly min?: number;
  readonly max?: number;
}

/** Words that are understood and refused, with the sentence that says why. */
export interface Refused {
  readonly refused?: Readonly<Record<string, string>>;
}

/** How a text becomes a value. `parse` throws an Error, with an `offset` in the text where it knows one. */
export interface TextRule<T> {
  readonly expected: string;
  /** Of the problem of a text that is not of that form. */
  readonly code?: ProblemCode;
  readonly json?: object;
  /** What may stand where the text could be over, if that is not the end alone. */
  readonly end?: string;
  parse(text: string): T;
}

/** A text that must be of some form; numbers and booleans count as their letters. */
export class TextField<T> extends Field<T> {
  readonly shapes: readonly Shape[] = ["text"];
  readonly expected: string;
  readonly #rule: TextRule<T>;
  constructor(rule: TextRule<T>, options: FieldOptions) {
    super(options);
    this.#rule = rule;
    this.expected = rule.expected;
  }

  read(input: unknown, at: At, reading: Reading): T | undefined {
    if (typeof input === "object") return this.mismatch(input, at, reading);
    const text = typeof input === "string" ? input : lettersOf(input as number | boolean, at, reading);
    try {
      return this.#rule.parse(text);
    } catch (error) {
      const { code = "value.invalid" } = this.#rule;
      reading.problems.push({ at, code, ...textProblem(error, this.#rule, describeValue(text)) });
      return undefined;
    }
  }

  protected describe(): object {
    return { type: "string", ...this.#rule.json };
  }
}

export class NumberField extends Field<number> {
  readonly shapes: readonly Shape[] = ["number"];
  readonly expected: string;
  readonly #whole: boolean;
  readonly #min: number;
  readonly #max: number;
  constructor(whole: boolean, options: FieldOptions & Range) {
    super(options);
    this.#whole = whole;
    this.#min = options.min ?? (whole ? Number.MIN_SAFE_INTEGER : -Infinity);
    this.#max = options.max ?? (whole ? Number.MAX_SAFE_INTEGER : Infinity);
    this.expected = `${whole ? "a whole number" : "a number"}${rangeInWords(options)}`;
  }

  read(input: unknown, at: At, reading: Reading): number | undefined {
    if (typeof input === "string") return this.mismatch(input, at, reading, numberIn(input));
    if (typeof input !== "number" || !Number.isFinite(input)) return this.mismatch(input, at, reading);
    const fits = input >= this.#min && input <= this.#max && (!this.#whole || Number.isInteger(input));
    if (!fits) return this.mismatch(input, at, reading);
    warnOfSurprise(input, at, reading);
    return input;
  }

  protected describe(): object {
    return {
      type: this.#whole ? "integer" : "number",
      ...(this.#min > Number.MIN_SAFE_INTEGER ? { minimum: this.#min } : {}),
      ...(this.#max < Number.MAX_SAFE_INTEGER ? { maximum: this.#max } : {}),
    };
  }
}

export class BooleanField extends Field<boolean> {
  readonly shapes: readonly Shape[] = ["boolean"];
  readonly expected = "true or false";

  read(input: unknown, at: At, reading: Reading): boolean | undefined {
    if (typeof input === "boolean") {
      warnOfSurprise(input, at, reading);
      return input;
    }
    const quoted = input === "true" || input === "false";
    return this.mismatch(input, at, reading, quoted ? "take the quotes away" : undefined);
  }

  protected describe(): object {
    return { type: "boolean" };
  }
}

/** Anything; kept as it is. */
export class AnyField extends Field<unknown> {
  readonly shapes: readonly Shape[] = ["text", "number", "boolean", "list", "mapping"];
  readonly expected = "anything";

  read(input: unknown): unknown {
    return input;
  }

  protected describe(): object {
    return {};
  }
}

export class ChoiceField<T extends string> extends Field<T> {
  readonly shapes: readonly Shape[] = ["text"];
  readonly expected: string;
  readonly #choices: readonly T[];
  readonly #refused: Readonly<Record<string, string>>;
  constructor(choices: readonly T[], options: FieldOptions & Refused) {
    super(options);
    this.#choices = choices;
    this.#refused = options.refused ?? {};
    this.expected = choices.length === 1 ? `\`${choices[0]}\`` : `one of ${choices.join(", ")}`;
  }

  read(input: unknown, at: At, reading: Reading): T | undefined {
    if (typeof input === "object") return this.mismatch(input, at, reading);
    const text = typeof input === "string" ? input : (reading.source.textAt?.(at) ?? String(input));
    const choice = this.#choices.find((each) => each === text);
    if (choice !== undefined) return choice;
    const meant = nearest(text, this.#choices);
    const received = describeValue(text);
    const standard = `${at.length === 0 ? "this" : quoteKey(at.at(-1) ?? "")} is ${received}`;
    const refusal = Object.hasOwn(this.#refused, text) ? this.#refused[text] : undefined;
    const problem = { at, message: refusal ?? standard, expected: this.expected, received };
    const code = refusal === undefined ? {} : { code: "kind.refused" };
    reading.problems.push({ ...problem, ...code, ...(meant ? { nearest: meant } : {}) });
    return undefined;
  }

  protected describe(): object {
    return { enum: this.#choices };
  }
}

export const ipRule: TextRule<string> = {
  expected: "an IP address such as 127.0.0.1 or ::1",
  parse(text) {
    if (isIP(text) === 0) throw new Error(`${JSON.stringify(text)} is not an IP address`);
    return text;
  },
};

function warnOfSurprise(value: number | boolean, at: At, { source }: Reading): void {
  const message = surpriseIn(source.textAt?.(at) ?? "", value);
  if (message === undefined) return;
  const expected = `\`${value}\`, which all readers read alike`;
  source.warn?.({ at, code: "yaml.surprise", message, expected });
}

/** What was meant by a text where a number belongs. */
function numberIn(text: string): string | undefined {
  if (text.trim() !== "" && Number.isFinite(Number(text))) return "take the quotes away";
  const [, percent] = /^(\d{1,9}(?:\.\d{1,4})?) ?%$/.exec(text) ?? [];
  return percent === undefined ? undefined : `write ${Number((Number(percent) / 100).toFixed(6))}`;
}

/** As a text wants it. */
function lettersOf(input: number | boolean, at: At, { source }: Reading): string {
  const text = source.textAt?.(at) ?? String(input);
  const message = surpriseInLetters(text, input);
  const expected = `"${text}" in quotes, which all readers read alike`;
  if (message !== undefined) source.warn?.({ at, code: "yaml.surprise", message, expected });
  return text;
}

/** A letter as an error names it, also where it cannot be seen. */
function shownLetter(point: number): string {
  if (point === 0x20) return "a space";
  const char = String.fromCodePoint(point);
  return /^[\p{L}\p{N}\p{P}\p{S}]$/u.test(char) ? `\`${char}\`` : `the letter ${codePoint(point)}`;
}

function rangeInWords({ min, max }: Range): string {
  if (min !== undefined && max !== undefined) return ` from ${min} to ${max}`;
  if (min !== undefined) return `, ${min} or more`;
  return max === undefined ? "" : `, ${max} or less`;
}

/** What Linkerd 1 calls by the names of its grammar. */
const EXPECTED_LETTERS: Readonly<Record<string, string>> = {
  simple: "a path, `!`, `~`, `$` or `(`",
  "label char": "a letter of a name",
  "hex char": "a hexadecimal digit",
  "number char": "a digit",
};

function textProblem(error: unknown, { expected, end = "the end" }: TextRule<unknown>, received: string) {
  if (error instanceof ParseError) {
    const point = error.input.codePointAt(error.offset);
    const message = point === undefined ? "the text ends too early" : `${shownLetter(point)} cannot stand here`;
    const wanted = error.expected === "end of input" ? end : (EXPECTED_LETTERS[error.expected] ?? error.expected);
    return { message, expected: `${wanted}, in ${expected}`, received, offset: error.offset };
  }
  const offset =
    error instanceof Error && "offset" in error && typeof error.offset === "number" ? { offset: error.offset } : {};
  return { message: error instanceof Error ? error.message : String(error), expected, received, ...offset };
}
