/** A mapping whose `kind` says what else is in it, out of a closed set. */
import type { Infer } from "./compound-fields.ts";
import { Field, quoteKey, type At, type FieldOptions, type Reading, type Shape } from "./field.ts";
import { nearest } from "./nearest.ts";

type Kinds = Readonly<Record<string, Field<object>>>;
type OneOfKinds<K extends Kinds> = { [N in keyof K & string]: { readonly kind: N } & Infer<K[N]> }[keyof K & string];

export interface KindOptions extends FieldOptions {
  /** Kinds that are understood and refused, with the sentence that says why. */
  readonly refused?: Readonly<Record<string, string>>;
  /** The kind of a mapping that does not say. */
  readonly implied?: string;
}

export class KindField<K extends Kinds> extends Field<OneOfKinds<K>> {
  readonly shapes: readonly Shape[] = ["mapping"];
  readonly expected: string;
  readonly #kinds: K;
  readonly #options: KindOptions;
  constructor(kinds: K, options: KindOptions) {
    super(options);
    this.#kinds = kinds;
    this.#options = options;
    this.expected = `a mapping with a \`kind\`: ${Object.keys(kinds).join(", ")}`;
  }

  read(input: unknown, at: At, reading: Reading): OneOfKinds<K> | undefined {
    if (typeof input !== "object" || input === null || Array.isArray(input)) return this.mismatch(input, at, reading);
    const kind = kindOf(input) ?? this.#options.implied;
    const field = kind !== undefined && Object.hasOwn(this.#kinds, kind) ? this.#kinds[kind] : undefined;
    if (field === undefined) return this.#unknown(kind, at, reading);
    const rest = field.read(withoutKey(input, "kind"), at, reading);
    return rest === undefined ? undefined : ({ kind, ...rest } as OneOfKinds<K>);
  }

  #unknown(kind: string | undefined, at: At, reading: Reading): undefined {
    const problem = kindProblem(kind, at, Object.keys(this.#kinds), this.#options.refused ?? {});
    reading.problems.push(problem);
    return undefined;
  }

  protected describe(): object {
    return { anyOf: Object.entries(this.#kinds).map(([kind, field]) => withKind(field.json, kind)) };
  }
}

/** The `kind` of a mapping as text. */
export function kindOf(input: object): string | undefined {
  const kind: unknown = "kind" in input ? input.kind : undefined;
  return kind === undefined || kind === null || typeof kind === "object" ? undefined : String(kind as string);
}

/** What to say of a kind that is missing, refused by name, or not known at all. */
export function kindProblem(
  kind: string | undefined,
  at: At,
  known: readonly string[],
  refused: Readonly<Record<string, string>>,
) {
  const expected = known.length === 0 ? "no kind is known here" : `one of ${known.join(", ")}`;
  if (kind === undefined) return { at, code: "kind.missing", message: `${quoteKey("kind")} is missing`, expected };
  const place = { at: [...at, "kind"], received: kind };
  if (Object.hasOwn(refused, kind)) return { ...place, code: "kind.refused", message: refused[kind] ?? kind, expected };
  const meant = nearest(kind, [...known, ...Object.keys(refused)]);
  const problem = { ...place, code: "kind.unknown", message: `unknown kind ${quoteKey(kind)}`, expected };
  return meant === undefined ? problem : { ...problem, nearest: meant };
}

/** A mapping's JSON Schema with the `kind` that chooses it. */
export function withKind(json: object, kind: string): object {
  const properties: unknown = "properties" in json ? json.properties : {};
  const required: unknown = "required" in json ? json.required : [];
  return {
    ...json,
    properties: { kind: { const: kind }, ...(properties as object) },
    required: ["kind", ...(required as readonly string[])],
  };
}

export function withoutKey(input: object, ...keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(input).filter(([key]) => !keys.includes(key)));
}
