/** What is ordered of a daemon from outside its file: where orders lie, and what this host says against them. */
import type { PluginUse } from "./plugin-field.ts";
import { PluginField } from "./plugin-field.ts";
import type { Registry } from "./registry.ts";
import { s } from "./schema.ts";

export interface ControlConfig {
  /** Where orders lie; in a folder beside the snapshot if it is not said. */
  readonly store: PluginUse<"store"> | undefined;
  /** What this host is called in the scope of a shift; its host name if it is not said. */
  readonly host: string | undefined;
  /** The file that wins over them, as written. */
  readonly override: string | undefined;
}

export function controlSchema(registry: Registry) {
  return s.object(
    {
      host: s.optional(
        s.string({
          doc: "What this host is called where a shift is of some hosts only; its host name, or in a pod the node `$NODE_NAME`, if it is not said.",
        }),
      ),
      store: s.optional(
        new PluginField(registry, "store", s.object({}), [], {
          doc: "Where shifts lie; the folder `shifts` in `$STATE_DIRECTORY`, or beside the snapshot, if it is not said. Daemons with the same store follow the same shifts.",
        }),
      ),
      override: s.optional(
        s.string({
          doc: "A file on this host whose word on a shift wins over every order, such as `users: rollback`; followed, and may be missing.",
        }),
      ),
    },
    { doc: "What is ordered while the daemon runs." },
  );
}
