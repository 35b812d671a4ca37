/** `admin`: where the admin port listens, over what, and which of its pages it has. */
import type { Infer } from "./compound-fields.ts";
import { socketOptions } from "./linkerd-keys.ts";
import { s } from "./schema.ts";
import { serverTls } from "./tls-schema.ts";

const pattern = s.text({
  expected: "a regular expression for whole paths, such as /admin/metrics.*",
  parse(text) {
    RegExp(text);
    return text;
  },
});

const security = s.object(
  {
    uiEnabled: s.boolean({ default: true, doc: "The pages, and what they read." }),
    controlEnabled: s.boolean({
      default: true,
      doc: "What changes something: shutdown, reload, release of the guard.",
    }),
    diagnosticsEnabled: s.boolean({ default: true, doc: "Everything else: metrics, ping, readiness, state." }),
    pathWhitelist: s.list(pattern, { default: [], doc: "Paths that are there although their part is off." }),
    pathBlacklist: s.list(pattern, { default: [], doc: "Paths that are not there, whatever else is said." }),
  },
  { doc: "Which parts of the admin port are there; what is not is 404." },
);

export const adminSchema = s.object(
  {
    ip: s.ip({ default: "127.0.0.1", doc: "The address to listen on." }),
    port: s.port({ default: 9990, doc: "The port; 0 lets the system choose." }),
    tls: serverTls,
    security: s.optional(security),
    httpIdentifierPort: s.optional(
      s.port({ doc: "Whatever is asked there is answered with the name that each http router would give it." }),
    ),
    shutdownGraceMs: s.integer({ min: 0, default: 10_000, doc: "How long a shutdown may take." }),
    workerThreads: s.idle(
      s.integer({ min: 1, default: 2 }),
      "where there are workers, the admin port is in another thread than requests",
    ),
    socketOptions,
  },
  { doc: "The admin page and API." },
);

export type AdminConfig = Infer<typeof adminSchema>;
