/** The interpreter of a router, and the transformers of what it binds. */
import { PluginField, type PluginUse } from "./plugin-field.ts";
import type { Field } from "./field.ts";
import type { Registry } from "./registry.ts";
import { s } from "./schema.ts";
import { transformersField } from "./transformer-field.ts";

export type InterpreterUse = PluginUse<"interpreter"> & { readonly transformers: readonly PluginUse<"transformer">[] };

export function interpreterField(registry: Registry): Field<InterpreterUse> {
  const common = s.object({ transformers: transformersField(registry) });
  return new PluginField(registry, "interpreter", common, ["transformers"], {
    default: { kind: "default" },
    doc: "Who binds names, and where the rest of the dtab lies; `default` binds by the router's own dtab, in this process.",
  });
}
