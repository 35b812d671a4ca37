/** Creates what a configuration asked of a plugin; a plugin that cannot do it says why in one sentence. */
import type { PluginUse } from "./config.ts";
import type { ContextOf, Families, Family } from "./plugin.ts";

/** The settings fit their schema, and the plugin cannot work with them: a folder that may not be read, say. */
export class PluginNotCreated extends Error {
  override readonly name = "PluginNotCreated";
}

/** Rejects with PluginNotCreated, or with the plugin's own error where that is a defect of its code. */
export async function createPlugin<F extends Family>(
  use: PluginUse<F>,
  family: F,
  context: ContextOf<F>,
): Promise<Families[F]> {
  try {
    return await use.plugin.create(use.config, context);
  } catch (error) {
    if (!(error instanceof Error) || isDefect(error)) throw error;
    throw new PluginNotCreated(`the ${family} ${use.kind} cannot be opened: ${error.message}`, { cause: error });
  }
}

/** Its stack is worth more than its sentence. */
function isDefect(error: Error): boolean {
  return error instanceof TypeError || error instanceof ReferenceError;
}
