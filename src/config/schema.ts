/**
 * The builder that configuration is declared with: each field written once gives its type, default, documentation,
 * JSON Schema and parser.
 */
import {
  EitherField,
  type EitherOptions,
  ListField,
  ObjectField,
  OptionalField,
  RecordField,
  type Infer,
  type ObjectOptions,
} from "./compound-fields.ts";
import type { Field, FieldOptions } from "./field.ts";
import { IdleField } from "./idle-field.ts";
import { Secret } from "../base/secret.ts";
import { Path } from "../naming/path.ts";
import { KindField, type KindOptions } from "./kind-field.ts";
import {
  AnyField,
  BooleanField,
  ChoiceField,
  ipRule,
  NumberField,
  TextField,
  type Range,
  type Refused,
  type TextRule,
} from "./scalar-fields.ts";
import { parseDuration, parseSize } from "./units.ts";

export type { Infer, ObjectOptions } from "./compound-fields.ts";
export type { Field, FieldOptions } from "./field.ts";
export type { TextRule } from "./scalar-fields.ts";

/** Options of a field; `default` is as the file would write it, and a field without one must be given. */
interface With<D> extends FieldOptions {
  readonly default?: D;
}

interface StringOptions extends With<string> {
  /** Whether the empty text will do; false if it is not said. */
  readonly empty?: boolean;
}

type Fields = Readonly<Record<string, Field<unknown>>>;

/** Unknown keys are refused. Where every field may be absent, the object may be too. */
function object<F extends Fields>(fields: F, options: ObjectOptions<F> = {}): ObjectField<F> {
  return new ObjectField(fields, options);
}

/** Text, exactly as written: `0777`, `yes` and `1.50` keep their letters. */
function string(options: StringOptions = {}): TextField<string> {
  const rule: TextRule<string> = {
    expected: "a text",
    parse(text) {
      if (text === "" && options.empty !== true && options.default !== "") throw new Error("the text is empty");
      return text;
    },
  };
  return new TextField(rule, options);
}

/** A text that is shown as stars wherever the configuration is. */
function secret(options: FieldOptions = {}): TextField<Secret> {
  const rule: TextRule<Secret> = {
    expected: "a text",
    parse(text) {
      if (text === "") throw new Error("the text is empty");
      return new Secret(text);
    },
  };
  return new TextField(rule, options);
}

function integer(options: With<number> & Range = {}): NumberField {
  return new NumberField(true, options);
}

function number(options: With<number> & Range = {}): NumberField {
  return new NumberField(false, options);
}

/** A port; 0 where the system may choose one. */
function port(options: With<number> = {}): NumberField {
  return new NumberField(true, { min: 0, max: 65_535, ...options });
}

/** `true` or `false`; as in Linkerd 1 also `yes`, `no`, `on` and `off` without quotes. */
function boolean(options: With<boolean> = {}): BooleanField {
  return new BooleanField(options);
}

function oneOf<const T extends readonly string[]>(
  choices: T,
  options: With<T[number]> & Refused = {},
): ChoiceField<T[number]> {
  return new ChoiceField<T[number]>(choices, options);
}

/** A mapping whose `kind` chooses what else is in it, out of a closed set. */
function kinds<K extends Readonly<Record<string, Field<object>>>>(choices: K, options: KindOptions = {}): KindField<K> {
  return new KindField(choices, options);
}

/** Anything at all, unchecked. */
function any(options: FieldOptions = {}): AnyField {
  return new AnyField(options);
}

/** A path such as `/svc/users`. */
function path(options: With<string> = {}): TextField<Path> {
  const rule: TextRule<Path> = {
    expected: "a path such as /svc/users",
    code: "dtab.syntax",
    parse: (written) => Path.read(written),
  };
  return new TextField(rule, options);
}

/** Waits between tries: constant, or growing at random between two bounds. */
function backoff(options: With<object> = {}) {
  const jittered = {
    minMs: integer({ min: 1, doc: "The first wait, and the least." }),
    maxMs: integer({ min: 1, doc: "The longest wait." }),
  };
  return new KindField(
    {
      constant: object({ ms: integer({ min: 0, default: 0, doc: "The wait before each try." }) }),
      jittered: object(jittered, {
        check: ({ minMs, maxMs }) => (minMs > maxMs ? [{ at: ["minMs"], message: "`minMs` is above `maxMs`" }] : []),
      }),
    },
    options,
  );
}

/** `least` is the least number of entries. */
function list<T>(item: Field<T>, options: With<readonly unknown[]> & { least?: number } = {}): ListField<T> {
  return new ListField(item, options);
}

function record<T>(item: Field<T>, options: With<object> = {}): RecordField<T> {
  return new RecordField(item, options);
}

/** A field that may be left out; its value is then absent. */
function optional<T>(field: Field<T>): OptionalField<T> {
  return new OptionalField(field);
}

/** A key that is read in full and changes nothing; `why` follows "`key` has no effect: " in the warning. */
function idle<T>(field: Field<T>, why: string): IdleField<T> {
  return new IdleField(field, why);
}

/** One of several fields of different shapes (text, number, boolean, list, mapping). */
function either<const F extends readonly Field<unknown>[]>(choices: F, options: EitherOptions = {}) {
  return new EitherField<Infer<F[number]>>(choices as readonly Field<Infer<F[number]>>[], options);
}

/** A text with a form of its own, read by `rule.parse`. */
function text<T>(rule: TextRule<T>, options: With<string> = {}): TextField<T> {
  return new TextField(rule, options);
}

/** A literal IP address, as text. */
function ip(options: With<string> = {}): TextField<string> {
  return new TextField(ipRule, options);
}

/** `2s` or `500ms`; the value is in ms. */
function duration(options: With<string> = {}): TextField<number> {
  return new TextField(unitRule("a duration with its unit, such as 2s or 500ms", parseDuration), options);
}

/** `16KiB` or `8MB`; the value is in bytes. */
function size(options: With<string> = {}): TextField<number> {
  return new TextField(unitRule("a size with its unit, such as 16KiB or 8MB", parseSize), options);
}

function unitRule(expected: string, read: (text: string) => number | undefined): TextRule<number> {
  return {
    expected,
    parse(text) {
      const value = text === "0" ? 0 : read(text);
      if (value === undefined) throw new Error(`${JSON.stringify(text)} has no unit, or one that is not known`);
      return value;
    },
  };
}

export const s = {
  object,
  string,
  secret,
  integer,
  number,
  port,
  boolean,
  oneOf,
  list,
  record,
  optional,
  idle,
  either,
  kinds,
  any,
  text,
  path,
  backoff,
  ip,
  duration,
  size,
} as const;
