/** The list of transformers that a namer or an interpreter may have. */
import type { ListField } from "./compound-fields.ts";
import { PluginField, type PluginUse } from "./plugin-field.ts";
import type { Registry } from "./registry.ts";
import { s } from "./schema.ts";

const own = s.object({});

export function transformersField(registry: Registry): ListField<PluginUse<"transformer">> {
  return s.list(new PluginField(registry, "transformer", own, [], {}), {
    default: [],
    doc: "What is done to the names that it binds, one after another; each begins their ids with `/%` and its own prefix.",
  });
}
