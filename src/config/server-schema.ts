/** What a server of an http router may say. */
import type { Infer } from "./compound-fields.ts";
import { idle, refusals } from "./linkerd-kinds.ts";
import { s } from "./schema.ts";

export const serverSchema = s.object(
  {
    port: s.port({ default: 4140, doc: "The port; 0 lets the system choose." }),
    ip: s.ip({ default: "127.0.0.1", doc: "The address to listen on; 0.0.0.0 for all." }),
    label: s.optional(s.string({ doc: "A name, for people." })),
    clearContext: s.boolean({ default: false, doc: "Drop the `l5d-ctx-*` and `l5d-dtab` headers that callers send." }),
    maxCallDepth: s.integer({ min: 1, default: 1000, doc: "The most proxies that a request may have passed." }),
    timestampHeader: s.optional(s.string({ doc: "A request header that is set to the time in epoch ms." })),
    trust: s.optional(
      s.list(s.string(), { doc: "CIDRs from which `l5d-ctx-*` and `l5d-dtab` are honoured; all if not said." }),
    ),
  },
  {
    refused: refusals(["maxConcurrentRequests", "tls", "announce", "addForwardedHeader", "timeoutMs"]),
    ignored: idle(["socketOptions", "serverSession"]),
  },
);

export type ServerConfig = Infer<typeof serverSchema>;
