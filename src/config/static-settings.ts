/** Settings for all names, or for the names that match a pattern (`kind: io.l5d.static`). */
import type { Path } from "../naming/path.ts";
import { Field, type At, type Reading, type Shape } from "./field.ts";
import { kindOf, kindProblem, withKind, withoutKey } from "./kind-field.ts";
import { nearest } from "./nearest.ts";
import { Pattern } from "./pattern.ts";
import type { SchemaProblem } from "./plugin.ts";

/** What the entries of a file say for names that match their pattern; in the order of the file. */
export interface Rule<C> {
  readonly prefix: Pattern;
  /** Only what the entry says. */
  readonly settings: Partial<C>;
}

/** Settings by name. Without rules all names have the same. */
export interface Settings<C> {
  readonly base: C;
  readonly rules: readonly Rule<C>[];
}

/** What holds for a name: every rule that matches says its part, later ones over earlier ones. */
export function settingsFor<C extends object>(settings: Settings<C>, name: Path): C {
  const matching = settings.rules.filter((rule) => rule.prefix.matches(name));
  return matching.reduce<C>((merged, rule) => merge(merged, rule.settings), settings.base);
}

/** The rule that has the last word on `key` for a name, if one speaks of it. */
export function ruleFor<C extends object>(settings: Settings<C>, key: keyof C, name: Path): Rule<C> | undefined {
  return settings.rules.findLast((rule) => key in rule.settings && rule.prefix.matches(name));
}

export function staticOrGlobal<C extends object>(field: Field<C>, doc: string): SettingsField<C> {
  return new SettingsField(field, doc);
}

const GLOBAL = "io.l5d.global";
const STATIC = "io.l5d.static";

export class SettingsField<C extends object> extends Field<Settings<C>> {
  readonly shapes: readonly Shape[] = ["mapping"];
  readonly expected = "a mapping";
  readonly #field: Field<C>;
  constructor(field: Field<C>, doc: string) {
    super({ doc });
    this.#field = field;
  }

  override get mayBeAbsent(): boolean {
    return true;
  }

  override absent(at: At, reading: Reading): Settings<C> | undefined {
    return this.read({}, at, reading);
  }

  read(input: unknown, at: At, reading: Reading): Settings<C> | undefined {
    if (typeof input !== "object" || input === null || Array.isArray(input)) return this.mismatch(input, at, reading);
    const kind = kindOf(input) ?? GLOBAL;
    if (kind === GLOBAL && "configs" in input) {
      const message = `\`configs\` is for \`kind: ${STATIC}\``;
      const expected = `\`kind: ${STATIC}\` beside it`;
      reading.problems.push({ at: [...at, "configs"], key: true, code: "key.unknown", message, expected });
      return undefined;
    }
    if (kind === GLOBAL) {
      const base = this.#field.read(withoutKey(input, "kind"), at, reading);
      return base && { base, rules: [] };
    }
    if (kind === STATIC) return this.#static(input, at, reading);
    reading.problems.push(kindProblem(kind, at, [GLOBAL, STATIC], {}));
    return undefined;
  }

  #static(input: object, at: At, reading: Reading): Settings<C> | undefined {
    const { kind: _, configs, ...others } = input as { readonly [key: string]: unknown };
    for (const key of Object.keys(others)) {
      const message = `\`${key}\` stands beside \`kind: ${STATIC}\`, where only \`configs\` may`;
      reading.problems.push({
        at: [...at, key],
        key: true,
        message,
        expected: "an entry of `configs` with `prefix: /`",
      });
    }
    const base = this.#field.read({}, at, reading);
    if (!Array.isArray(configs)) {
      const message = configs === undefined ? "`configs` is missing" : "`configs` is not a list";
      reading.problems.push({ at: configs === undefined ? at : [...at, "configs"], message, expected: "a list" });
      return undefined;
    }
    const entries: readonly unknown[] = configs;
    const rules = entries.map((entry, index) => this.#rule(entry, [...at, "configs", index], reading));
    return base && { base, rules: rules.filter((rule) => rule !== undefined) };
  }

  #rule(input: unknown, at: At, reading: Reading): Rule<C> | undefined {
    if (typeof input !== "object" || input === null || Array.isArray(input)) return this.mismatch(input, at, reading);
    const prefix = "prefix" in input ? input.prefix : undefined;
    if (typeof prefix !== "string") {
      reading.problems.push(withoutPrefix(input, at));
      return undefined;
    }
    const given = withoutKey(input, "prefix");
    const whole = this.#field.read(given, at, reading);
    try {
      return whole && { prefix: Pattern.read(prefix), settings: only(whole, given) };
    } catch (error) {
      const message = error instanceof Error ? error.message : String(error);
      reading.problems.push({ at: [...at, "prefix"], message, expected: "a pattern such as /svc/users" });
      return undefined;
    }
  }

  protected describe(): object {
    const one = withPrefix(this.#field.json);
    const configs = { type: "array", items: one };
    const many = { type: "object", properties: { configs }, required: ["configs"], additionalProperties: false };
    return { anyOf: [{ ...this.#field.json }, withKind(this.#field.json, GLOBAL), withKind(many, STATIC)] };
  }
}

function withoutPrefix(input: object, at: At): SchemaProblem {
  const expected = "a pattern such as /svc/users";
  const misspelt = Object.keys(input).find((key) => nearest(key, ["prefix"]) !== undefined);
  if (misspelt === undefined) return { at, code: "key.missing", message: "`prefix` is missing", expected };
  const message = `unknown key \`${misspelt}\``;
  return { at: [...at, misspelt], key: true, code: "key.unknown", message, expected, nearest: "prefix" };
}

/** The part of `whole` that `given` speaks of; in a mapping of mappings, such as `retries`, each key for itself. */
function only<C extends object>(whole: C, given: object): Partial<C> {
  const entries = Object.entries(whole).flatMap(([key, value]: [string, unknown]) => {
    const said = (given as { readonly [key: string]: unknown })[key];
    if (said === undefined || said === null) return [];
    return [[key, isNested(key, said, value) ? only(value, said) : value] as const];
  });
  return Object.fromEntries(entries) as Partial<C>;
}

function isNested(key: string, said: unknown, value: unknown): value is object {
  return key === "retries" && typeof said === "object" && typeof value === "object" && value !== null;
}

function merge<C extends object>(base: C, over: Partial<C>): C {
  const merged: Record<string, unknown> = { ...base, ...over };
  const mine: unknown = (base as { retries?: unknown }).retries;
  const theirs: unknown = (over as { retries?: unknown }).retries;
  if (typeof mine === "object" && typeof theirs === "object") merged["retries"] = { ...mine, ...theirs };
  return merged as C;
}

function withPrefix(json: object): object {
  const properties: unknown = "properties" in json ? json.properties : {};
  const prefix = {
    type: "string",
    description: "The names it is for: `/svc/users`, `/svc/*`, `/#/io.l5d.fs/{service}`.",
  };
  return { ...json, properties: { prefix, ...(properties as object) }, required: ["prefix"] };
}
