/** What a server of a router may say. */
import type { Infer } from "./compound-fields.ts";
import { h2ServerKeys, type H2Keys } from "./h2-keys.ts";
import { http1ServerKeys } from "./http1-keys.ts";
import { idle, refusals } from "./linkerd-kinds.ts";
import { movedFromServer } from "./moved-keys.ts";
import { s } from "./schema.ts";
import { serverTls } from "./tls-schema.ts";

const port = (standard: number) => s.port({ default: standard, doc: "The port; 0 lets the system choose." });

const common = {
  ip: s.ip({ default: "127.0.0.1", doc: "The address to listen on; 0.0.0.0 for all." }),
  label: s.optional(s.string({ doc: "A name, for people." })),
  clearContext: s.boolean({ default: false, doc: "Drop the `l5d-ctx-*` and `l5d-dtab` headers that callers send." }),
  maxCallDepth: s.integer({ min: 1, default: 1000, doc: "The most proxies that a request may have passed." }),
  tls: serverTls,
};

const trust = s.optional(
  s.list(s.string(), { doc: "CIDRs from which `l5d-ctx-*` and `l5d-dtab` are honoured; all if not said." }),
);

/** Only http routers had it. */
const timestampHeader = s.optional(s.string({ doc: "A request header that is set to the time in epoch ms." }));

const others = {
  refused: {
    ...movedFromServer,
    ...refusals(["maxConcurrentRequests", "announce", "addForwardedHeader", "timeoutMs"]),
  },
  ignored: idle(["socketOptions", "serverSession"]),
};

/** A server of an http router. */
export const httpServer = s.object({ port: port(4140), ...common, timestampHeader, trust, ...http1ServerKeys }, others);

/** A server of an h2 router. */
export const h2Server = s.object({ port: port(4142), ...common, trust, ...h2ServerKeys }, others);

/** The keys of HTTP/2 are there on servers of h2 routers, and on no other. */
export type ServerConfig = Infer<typeof httpServer> & Partial<H2Keys>;
