/** The plugins that a configuration may name, by family and kind. */
import type { AnyPlugin, AnyPluginOf, Family } from "./plugin.ts";

/** The version of the plugin interface that this program speaks. */
export const PLUGIN_API = 1;

/** A plugin cannot be taken in; the message is one sentence. */
export class PluginRefused extends Error {
  override readonly name = "PluginRefused";
}

export class Registry {
  readonly #plugins = new Map<string, AnyPlugin>();

  /** Throws PluginRefused, as `add` does. */
  constructor(plugins: Iterable<AnyPlugin> = []) {
    for (const plugin of plugins) this.add(plugin);
  }

  /** Throws PluginRefused when its api is not ours or its family and kind are taken. */
  add(plugin: AnyPlugin): void {
    if (plugin.api !== PLUGIN_API) {
      const api = String(plugin.api as unknown);
      throw new PluginRefused(`${plugin.kind} speaks version ${api} of the plugin interface; this is ${PLUGIN_API}`);
    }
    const key = keyOf(plugin.family, plugin.kind);
    if (this.#plugins.has(key))
      throw new PluginRefused(`there are two plugins for the ${plugin.family} ${plugin.kind}`);
    this.#plugins.set(key, plugin);
  }

  /** Its configuration must come from its own schema: `plugin.create(use.config, context)`. */
  get<F extends Family>(family: F, kind: string): AnyPluginOf<F> | undefined {
    return this.#plugins.get(keyOf(family, kind)) as AnyPluginOf<F> | undefined;
  }

  /** The kinds of a family, in the order they were added. */
  kinds(family: Family): readonly string[] {
    return this.all.filter((plugin) => plugin.family === family).map((plugin) => plugin.kind);
  }

  get all(): readonly AnyPlugin[] {
    return [...this.#plugins.values()];
  }

  /** A registry with the same plugins, to add others to. */
  copy(): Registry {
    return new Registry(this.all);
  }
}

/** The plugins that a module's default export holds. Throws PluginRefused. */
export function pluginsOf(exported: unknown, from: string): readonly AnyPlugin[] {
  const list: readonly unknown[] = Array.isArray(exported) ? exported : [exported];
  for (const each of list) {
    if (!isPlugin(each)) throw new PluginRefused(`the default export of ${from} is not a plugin, nor a list of them`);
  }
  return list as readonly AnyPlugin[];
}

function isPlugin(value: unknown): boolean {
  if (typeof value !== "object" || value === null) return false;
  const { family, kind, schema, create } = value as { readonly [key: string]: unknown };
  const parses = typeof schema === "object" && schema !== null && "parse" in schema;
  return typeof family === "string" && typeof kind === "string" && parses && typeof create === "function";
}

function keyOf(family: string, kind: string): string {
  return `${family} ${kind}`;
}
