/** The fields that hold other fields. */
import type { Schema, SchemaProblem } from "./plugin.ts";
import { Field, quoteKey, shapeOf, type At, type FieldOptions, type Reading, type Shape } from "./field.ts";
import { nearest } from "./nearest.ts";

type Fields = Readonly<Record<string, Field<unknown>>>;
type OptionalKeys<F extends Fields> = { [K in keyof F]: F[K] extends OptionalField<unknown> ? K : never }[keyof F];

/** The type of what a schema parses to. */
export type Infer<S> = S extends Schema<infer C> ? C : never;

/** The type of an object of fields. */
export type ObjectOf<F extends Fields> = {
  readonly [K in Exclude<keyof F, OptionalKeys<F>>]: Infer<F[K]>;
} & { readonly [K in OptionalKeys<F>]?: Exclude<Infer<F[K]>, undefined> };

export interface ObjectOptions<F extends Fields = Fields> extends FieldOptions {
  /** Keys that are understood and refused, with the sentence that says why. */
  readonly refused?: Readonly<Record<string, string>>;
  /** What the fields must be to each other; runs when each of them is right. `at` starts at this object. */
  check?(value: ObjectOf<F>): readonly SchemaProblem[];
}

export class ObjectField<F extends Fields> extends Field<ObjectOf<F>> {
  readonly shapes: readonly Shape[] = ["mapping"];
  readonly expected: string;
  readonly fields: F;
  readonly #options: ObjectOptions<F>;
  constructor(fields: F, options: ObjectOptions<F>) {
    super(options);
    this.fields = fields;
    this.#options = options;
    const keys = Object.keys(fields);
    this.expected = keys.length === 0 ? "an empty mapping" : `a mapping with ${keys.slice(0, 8).join(", ")}`;
  }

  override get mayBeAbsent(): boolean {
    return this.default !== undefined || Object.values(this.fields).every((field) => field.mayBeAbsent);
  }

  override absent(at: At, reading: Reading): ObjectOf<F> | undefined {
    return this.mayBeAbsent && this.default === undefined ? this.read({}, at, reading) : super.absent(at, reading);
  }

  read(input: unknown, at: At, reading: Reading): ObjectOf<F> | undefined {
    if (typeof input !== "object" || input === null || Array.isArray(input)) return this.mismatch(input, at, reading);
    const given = new Map(Object.entries(input));
    const result: Record<string, unknown> = {};
    const before = reading.problems.length;
    const strange = [...given.keys()].filter((key) => !Object.hasOwn(this.fields, key));
    const meant = strange.map((key) => this.#strange(key, at, reading));
    for (const [key, field] of Object.entries(this.fields)) {
      // That a key is misspelt is one mistake, and not that another one is missing too.
      if (!given.has(key) && meant.includes(key) && !field.mayBeAbsent) continue;
      const value = field.take(given.get(key), [...at, key], reading);
      if (value !== undefined) result[key] = value;
    }
    if (reading.problems.length === before) this.#check(result as ObjectOf<F>, at, reading);
    return result as ObjectOf<F>;
  }

  #check(value: ObjectOf<F>, at: At, reading: Reading): void {
    for (const problem of this.#options.check?.(value) ?? []) {
      const placed = { ...problem, at: [...at, ...problem.at] };
      if (problem.severity === "warning") reading.source.warn?.(placed);
      else reading.problems.push(placed);
    }
  }

  /** Says what is to be said of a key that is no field; returns the field that was meant, perhaps. */
  #strange(key: string, at: At, reading: Reading): string | undefined {
    const { refused = {} } = this.#options;
    const place = { at: [...at, key], key: true };
    if (Object.hasOwn(refused, key)) {
      reading.problems.push({ ...place, code: "key.refused", message: refused[key] ?? key });
      return undefined;
    }
    const known = Object.keys(this.fields);
    const meant = nearest(key, known);
    const expected = known.length === 0 ? "no keys here" : `one of ${known.join(", ")}`;
    const problem = { ...place, code: "key.unknown", message: `unknown key ${quoteKey(key)}`, expected, received: key };
    reading.problems.push(meant === undefined ? problem : { ...problem, nearest: meant });
    return meant;
  }

  protected describe(): object {
    const entries = Object.entries(this.fields);
    const required = entries.filter(([, field]) => !field.mayBeAbsent).map(([key]) => key);
    return {
      type: "object",
      properties: Object.fromEntries(entries.map(([key, field]) => [key, field.json])),
      ...(required.length === 0 ? {} : { required }),
      additionalProperties: false,
    };
  }
}

export class ListField<T> extends Field<readonly T[]> {
  readonly shapes: readonly Shape[] = ["list"];
  readonly expected: string;
  readonly item: Field<T>;
  readonly #least: number;
  constructor(item: Field<T>, options: FieldOptions & { readonly least?: number }) {
    super(options);
    this.item = item;
    this.#least = options.least ?? 0;
    this.expected = this.#least > 0 ? `a list with at least ${this.#least} in it` : "a list";
  }

  read(input: unknown, at: At, reading: Reading): readonly T[] | undefined {
    if (!Array.isArray(input)) return this.mismatch(input, at, reading, "begin each entry with `- `");
    if (input.length < this.#least) return this.mismatch(input, at, reading);
    const entries: readonly unknown[] = input;
    return entries.map((entry, index) => this.item.take(entry, [...at, index], reading) as T);
  }

  protected describe(): object {
    return { type: "array", items: this.item.json, ...(this.#least > 0 ? { minItems: this.#least } : {}) };
  }
}

/** Free keys, one type of value. */
export class RecordField<T> extends Field<Readonly<Record<string, T>>> {
  readonly shapes: readonly Shape[] = ["mapping"];
  readonly expected = "a mapping";
  readonly item: Field<T>;
  constructor(item: Field<T>, options: FieldOptions) {
    super(options);
    this.item = item;
  }

  read(input: unknown, at: At, reading: Reading): Readonly<Record<string, T>> | undefined {
    if (shapeOf(input) !== "mapping") return this.mismatch(input, at, reading);
    const entries = Object.entries(input as object).map(
      ([key, value]: [string, unknown]) => [key, this.item.take(value, [...at, key], reading) as T] as const,
    );
    return Object.fromEntries(entries);
  }

  protected describe(): object {
    return { type: "object", additionalProperties: this.item.json };
  }
}

/** Absent stays absent. */
export class OptionalField<T> extends Field<T | undefined> {
  readonly shapes: readonly Shape[];
  readonly expected: string;
  readonly field: Field<T>;
  constructor(field: Field<T>) {
    super(field.doc === undefined ? {} : { doc: field.doc });
    this.field = field;
    this.shapes = field.shapes;
    this.expected = field.expected;
  }

  override get mayBeAbsent(): boolean {
    return true;
  }

  override absent(): undefined {
    return undefined;
  }

  read(input: unknown, at: At, reading: Reading): T | undefined {
    return this.field.read(input, at, reading);
  }

  protected describe(): object {
    return this.field.json;
  }
}

export interface EitherOptions extends FieldOptions {
  /** What is expected, where the choices together do not say it well. */
  readonly expected?: string;
  /** What to say of a text where no text may stand, if it can be told what was meant. */
  hint?(text: string): string | undefined;
}

/** One of several fields, chosen by the shape of what is there: `4140` or `{http: 4140}`. */
export class EitherField<T> extends Field<T> {
  readonly shapes: readonly Shape[];
  readonly expected: string;
  readonly #choices: readonly Field<T>[];
  readonly #hint: EitherOptions["hint"];
  constructor(choices: readonly Field<T>[], options: EitherOptions) {
    super(options);
    this.#choices = choices;
    this.#hint = options.hint;
    this.shapes = choices.flatMap((choice) => choice.shapes);
    this.expected = options.expected ?? choices.map((choice) => choice.expected).join(", or ");
  }

  read(input: unknown, at: At, reading: Reading): T | undefined {
    const shape = shapeOf(input);
    const choice = this.#choices.find((each) => each.shapes.includes(shape));
    if (choice !== undefined) return choice.read(input, at, reading);
    return this.mismatch(input, at, reading, typeof input === "string" ? this.#hint?.(input) : undefined);
  }

  protected describe(): object {
    return { anyOf: this.#choices.map((choice) => choice.json) };
  }
}
