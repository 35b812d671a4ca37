/** A mapping whose `kind` names a plugin, which says what else is in it. */
import { Field, type At, type FieldOptions, type Reading, type Shape } from "./field.ts";
import { kindOf, kindProblem, withKind, withoutKey } from "./kind-field.ts";
import { SchemaError, type AnyPluginOf, type Family, type SchemaSource } from "./plugin.ts";
import type { Registry } from "./registry.ts";
import { notInThisVersion } from "./linkerd-kinds.ts";

/** A plugin and its configuration: `use.plugin.create(use.config, context)`. */
export interface PluginUse<F extends Family> {
  readonly kind: string;
  readonly plugin: AnyPluginOf<F>;
  /** What the plugin's own schema made of the file. */
  readonly config: never;
}

export interface PluginFieldOptions extends FieldOptions {
  /** The protocol of the router that the field is in: what is for others is refused. */
  readonly protocol?: string;
}

/** `C` has the keys that the core owns beside the plugin's. */
export class PluginField<F extends Family, C extends object> extends Field<PluginUse<F> & C> {
  readonly shapes: readonly Shape[] = ["mapping"];
  readonly expected: string;
  readonly #registry: Registry;
  readonly #family: F;
  readonly #common: Field<C>;
  readonly #commonKeys: readonly string[];
  readonly #protocol: string | undefined;
  constructor(
    registry: Registry,
    family: F,
    common: Field<C>,
    commonKeys: readonly string[],
    options: PluginFieldOptions,
  ) {
    super(options);
    this.#protocol = options.protocol;
    this.#registry = registry;
    this.#family = family;
    this.#common = common;
    this.#commonKeys = commonKeys;
    this.expected = `a mapping with a \`kind\`: ${this.#kinds().join(", ")}`;
  }

  read(input: unknown, at: At, reading: Reading): (PluginUse<F> & C) | undefined {
    if (typeof input !== "object" || input === null || Array.isArray(input)) return this.mismatch(input, at, reading);
    const kind = kindOf(input);
    const plugin = kind === undefined ? undefined : this.#registry.get(this.#family, kind);
    if (plugin === undefined) {
      reading.problems.push(kindProblem(kind, at, this.#kinds(), notInThisVersion(this.#family)));
      return undefined;
    }
    if (!this.#isFor(plugin)) {
      const message = `${plugin.kind} is for routers with protocol: ${plugin.protocols?.join(", ")}`;
      const expected = `one of ${this.#kinds().join(", ")}`;
      reading.problems.push({ at: [...at, "kind"], code: "kind.refused", message, expected });
      return undefined;
    }
    if (plugin.refused === undefined) this.#gate(plugin, input, at, reading);
    else reading.problems.push({ at: [...at, "kind"], code: "kind.refused", message: plugin.refused });
    if (plugin.note !== undefined)
      reading.source.warn?.({ at: [...at, "kind"], code: "kind.noted", message: plugin.note });
    const own = Object.entries(input).filter(([key]) => this.#commonKeys.includes(key));
    const common = this.#common.read(Object.fromEntries(own), at, reading);
    const config = this.#config(plugin, input, at, reading);
    if (common === undefined || config === undefined) return undefined;
    return { ...common, kind: plugin.kind, plugin, config: config.value as never };
  }

  #isFor({ protocols }: Pick<AnyPluginOf<F>, "protocols">): boolean {
    return this.#protocol === undefined || protocols === undefined || protocols.includes(this.#protocol);
  }

  #isServed(plugin: Pick<AnyPluginOf<F>, "protocols" | "refused">): boolean {
    return plugin.refused === undefined && this.#isFor(plugin);
  }

  #kinds(): readonly string[] {
    return this.#registry.kinds(this.#family).filter((kind) => {
      const plugin = this.#registry.get(this.#family, kind);
      return plugin !== undefined && this.#isServed(plugin);
    });
  }

  #gate(plugin: AnyPluginOf<F>, input: object, at: At, reading: Reading): void {
    const allowed: unknown = "experimental" in input ? input.experimental : undefined;
    if (plugin.experimental !== true || allowed === true) return;
    const message = `${plugin.kind} is experimental, and must be allowed by name`;
    const expected = "`experimental: true` beside it";
    reading.problems.push({ at: [...at, "kind"], code: "kind.experimental", message, expected });
  }

  #config(plugin: AnyPluginOf<F>, input: object, at: At, reading: Reading): { value: unknown } | undefined {
    const rest = withoutKey(input, "kind", "experimental", ...this.#commonKeys);
    try {
      return { value: plugin.schema.parse(rest, nested(reading.source, at)) };
    } catch (error) {
      if (error instanceof SchemaError) {
        reading.problems.push(...error.problems.map((problem) => ({ ...problem, at: [...at, ...problem.at] })));
      } else reading.problems.push({ at, message: error instanceof Error ? error.message : String(error) });
      return undefined;
    }
  }

  protected describe(): object {
    const common: unknown = "properties" in this.#common.json ? this.#common.json.properties : {};
    const kinds = this.#registry.all.filter((plugin) => plugin.family === this.#family && this.#isServed(plugin));
    return {
      anyOf: kinds.map(({ kind, schema: { json } }) => {
        const own: unknown = "properties" in json ? json.properties : {};
        const properties = { experimental: { type: "boolean" }, ...(common as object), ...(own as object) };
        return withKind({ ...json, properties }, kind);
      }),
    };
  }
}

function nested(source: SchemaSource, base: At): SchemaSource {
  return {
    textAt: (at) => source.textAt?.([...base, ...at]),
    warn: (problem) => source.warn?.({ ...problem, at: [...base, ...problem.at] }),
  };
}
