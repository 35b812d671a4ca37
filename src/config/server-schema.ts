/** What a server of a router may say. */
import { announceKeys } from "./announcer-field.ts";
import type { Infer } from "./compound-fields.ts";
import { h2ServerKeys, type H2Keys } from "./h2-keys.ts";
import { http1ServerKeys } from "./http1-keys.ts";
import { socketOptions } from "./linkerd-keys.ts";
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

const label = s.text(
  {
    expected: "letters, digits, dots, underscores and hyphens",
    parse(text) {
      if (!/^[A-Za-z0-9._-]+$/.test(text))
        throw new Error(`${JSON.stringify(text)} is not what RFC 7239 lets a name be`);
      return text;
    },
  },
  { doc: "What it is called, with an underscore before it." },
);

const nothing = s.object({});
const labeler = (side: string) =>
  s.kinds(
    {
      requestRandom: nothing,
      connectionRandom: nothing,
      ip: nothing,
      "ip:port": nothing,
      router: nothing,
      static: s.object({ label }),
    },
    { default: { kind: "requestRandom" }, doc: `How ${side} is called.` },
  );

const addForwardedHeader = s.optional(
  s.object(
    { by: labeler("this proxy"), for: labeler("the caller") },
    { doc: "Adds an element to `Forwarded` (RFC 7239) for this hop." },
  ),
);

const serverSession = s.optional(
  s.object(
    {
      idleTimeMs: s.optional(s.integer({ min: 1, doc: "Closes a connection without a request for so long." })),
      lifeTimeMs: s.optional(s.integer({ min: 1, doc: "Closes a connection so old, after what is under way." })),
    },
    { doc: "Connections of callers." },
  ),
);

const ofRequests = {
  addForwardedHeader,
  serverSession,
  maxConcurrentRequests: s.optional(
    s.integer({ min: 1, doc: "Requests under way at the same time; more are refused at once, and not made to wait." }),
  ),
  timeoutMs: s.optional(s.integer({ min: 1, doc: "How long a request may take to be answered." })),
  socketOptions,
};

const trust = s.optional(
  s.list(s.string(), { doc: "CIDRs from which `l5d-ctx-*` and `l5d-dtab` are honoured; all if not said." }),
);

/** Only http routers had it. */
const timestampHeader = s.optional(s.string({ doc: "A request header that is set to the time in epoch ms." }));

const others = { refused: movedFromServer };

/** A server of an http router. */
export const httpServer = s.object(
  { port: port(4140), ...common, ...ofRequests, timestampHeader, trust, ...http1ServerKeys, ...announceKeys },
  others,
);

/** A server of an h2 router. */
export const h2Server = s.object(
  { port: port(4142), ...common, ...ofRequests, trust, ...h2ServerKeys, ...announceKeys },
  others,
);

/** The keys of HTTP/2 are there on servers of h2 routers, and on no other. */
export type ServerConfig = Infer<typeof httpServer> & Partial<H2Keys>;
