/** The factories of a configuration's plugins, each made once before the first request. */
import type { PluginUse } from "./config/config.ts";
import { createPlugin } from "./config/create-plugin.ts";
import type { ContextOf, Families, Family } from "./config/plugin.ts";

/** What plugins made, by the place in the configuration that asked for it. */
export class PluginInstances<F extends Family> {
  readonly #made = new Map<PluginUse<F>, Families[F]>();

  /** Rejects with PluginNotCreated. */
  static async of<F extends Family>(
    family: F,
    uses: Iterable<PluginUse<F>>,
    context: ContextOf<F>,
  ): Promise<PluginInstances<F>> {
    const instances = new PluginInstances<F>();
    for (const use of uses) {
      if (!instances.#made.has(use)) instances.#made.set(use, await createPlugin(use, family, context));
    }
    return instances;
  }

  get(use: PluginUse<F>): Families[F] {
    const made = this.#made.get(use);
    if (made === undefined) throw new Error(`no plugin was made for ${use.kind}`);
    return made;
  }
}
