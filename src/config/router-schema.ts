/** What a router may say in a linkerd.yaml, with Linkerd 1's names, defaults and units. */
import { h2AccessLogKeys, httpAccessLogKeys } from "./access-log-keys.ts";
import { announcersField } from "./announcer-field.ts";
import type { Infer } from "./compound-fields.ts";
import { clientSchema, h2Service, type HttpProtocol, httpService } from "./client-schema.ts";
import { type DtabField, dtabField, dtabFieldBy, type ReadDtab } from "./dtab-field.ts";
import { interpreterField } from "./interpreter-field.ts";
import { mixerKeys } from "./linkerd-keys.ts";
import { movedFromRouter } from "./moved-keys.ts";
import { PluginField } from "./plugin-field.ts";
import { ProtocolField } from "./protocol-field.ts";
import type { Registry } from "./registry.ts";
import { s } from "./schema.ts";
import { h2Server, httpServer } from "./server-schema.ts";
import { staticOrGlobal } from "./static-settings.ts";
import { tcpClient, tcpServer } from "./tcp-schema.ts";

/** Accepted everywhere, as Linkerd 1 did; demanded only for what is experimental here. */
const experimental = s.boolean({ default: false, doc: "Has no effect here." });

const refusedProtocols = Object.fromEntries(
  ["thrift", "mux", "thriftmux"].map((name) => [
    name,
    `\`${name}\` is not served: route its connections as they are with \`protocol: tcp\`, or speak gRPC with \`protocol: h2\``,
  ]),
);

const withTheirPaths = s.idle(
  s.integer({ min: 1, default: 1000 }),
  "what a logical name is bound to is kept with it, as `paths` says",
);

const bindingCache = s.object(
  {
    paths: s.integer({ min: 1, default: 1000, doc: "Logical names kept." }),
    trees: withTheirPaths,
    bounds: withTheirPaths,
    clients: s.integer({ min: 1, default: 1000, doc: "Clusters kept." }),
    idleTtlSecs: s.integer({ min: 1, default: 600, doc: "How long something unused is kept, in seconds." }),
  },
  { doc: "How many names are kept, each size for itself, and for how long." },
);

const alwaysStreams = "bodies always stream, and are never collected first";

/** Keys of HTTP/1 that h2 routers never had. */
const http1Keys = {
  ...httpAccessLogKeys,
  maxErrResponseKB: s.idle(s.integer({ min: 1, default: 5120 }), "an error's body is its one sentence"),
  streamAfterContentLengthKB: s.optional(
    s.integer({
      min: 0,
      max: 1024,
      doc: "A request's body is kept, so that it can be sent again, if it says that it is no longer; 5 if not said.",
    }),
  ),
  streamingEnabled: s.idle(s.boolean({ default: true }), alwaysStreams),
  compressionLevel: s.optional(
    s.integer({
      min: -1,
      max: 9,
      doc: "Answers are sent as gzip to callers that accept it: -1 for text only, 1 to 9 for all of them; none if not said.",
    }),
  ),
};

const conflictingStreams = {
  at: ["streamAfterContentLengthKB"],
  key: true,
  message: "`streamAfterContentLengthKB` cannot stand beside `streamingEnabled: false`",
};

const unserved = { loggers: mixerKeys.loggers };

const tracePropagator = s.kinds(
  { "io.l5d.default": s.object({}), "io.l5d.zipkin": s.object({}) },
  {
    default: { kind: "io.l5d.default" },
    doc: "Which headers carry a trace from hop to hop.",
  },
);

/** One router. `label` is absent where the file leaves it to the protocol. */
export function routerSchema(registry: Registry, readDtab?: ReadDtab) {
  const dtab = readDtab === undefined ? dtabField : dtabFieldBy(readDtab);
  return new ProtocolField(
    { http: httpRouter(registry, dtab), h2: h2Router(registry, dtab), tcp: tcpRouter(registry, dtab) },
    { refused: refusedProtocols, doc: "What is spoken." },
  );
}

export type ParsedRouter = Infer<ReturnType<typeof routerSchema>>;

/** A TCP router with the defaults of what only others can say: whoever links routers need not tell them apart. */
export function completed(router: ParsedRouter & { readonly protocol: "tcp" }, registry: Registry) {
  const { client, service, servers: _, ...others } = httpRouter(registry).parse({ servers: [{}] });
  const { base, rules } = router.client;
  return {
    ...others,
    ...router,
    service,
    client: { base: { ...client.base, ...base }, rules },
    servers: router.servers.map((server) => ({ ...httpServer.parse({}), ...server })),
  };
}

const aboutService = "What a request may take. A `prefix` matches logical names.";

function httpRouter(registry: Registry, dtab = dtabField) {
  const fields = {
    ...commonKeys(registry, dtab, "http", { kind: "io.l5d.header.token" }),
    service: staticOrGlobal(httpService(registry), aboutService),
    servers: s.list(httpServer, { least: 1, doc: "Where it listens." }),
    maxHeadersKB: s.integer({ min: 1, max: 1024, default: 8, doc: "The most that all headers may have." }),
    maxInitialLineKB: s.integer({ min: 1, max: 1024, default: 4, doc: "The most that the first line may have." }),
    ...http1Keys,
  };
  return s.object(fields, {
    refused: { ...movedFromRouter, ...unserved },
    check: ({ streamingEnabled, streamAfterContentLengthKB }) =>
      streamingEnabled === false && streamAfterContentLengthKB !== undefined ? [conflictingStreams] : [],
  });
}

function h2Router(registry: Registry, dtab: DtabField) {
  const fields = {
    ...commonKeys(registry, dtab, "h2", { kind: "io.l5d.header.token", header: ":authority" }),
    service: staticOrGlobal(h2Service(registry), aboutService),
    servers: s.list(h2Server, { least: 1, doc: "Where it listens." }),
    ...h2AccessLogKeys,
  };
  return s.object(fields, { refused: { ...movedFromRouter, ...unserved } });
}

function tcpRouter(registry: Registry, dtab: DtabField) {
  const fields = {
    ...namingKeys(registry, dtab, "tcp", { kind: "linkspan.port" }),
    servers: s.list(tcpServer, { least: 1, doc: "Where it listens." }),
    client: staticOrGlobal(tcpClient(registry), "How clusters are connected to. A `prefix` matches bound ids."),
  };
  const service = "`service` is for requests; a TCP router has none";
  return s.object(fields, { refused: { ...unserved, service } });
}

function commonKeys(registry: Registry, dtab: DtabField, protocol: HttpProtocol, identifier: object) {
  return {
    ...namingKeys(registry, dtab, protocol, identifier),
    originator: s.boolean({ default: false, doc: "Sets a gauge, and nothing else." }),
    client: staticOrGlobal(clientSchema(registry, protocol), "How clusters are called. A `prefix` matches bound ids."),
    tracePropagator,
  };
}

function namingKeys(registry: Registry, dtab: DtabField, protocol: HttpProtocol | "tcp", identifier: object) {
  return {
    label: s.optional(s.string({ empty: true, doc: "Its name in metrics and logs; the protocol if it is not said." })),
    dstPrefix: s.path({ default: "/svc", doc: "Begins every logical name of this router." }),
    dtab,
    bindingTimeoutMs: s.integer({ min: 1, default: 10_000, doc: "How long a name may take to bind." }),
    bindingCache,
    announcers: announcersField(registry),
    interpreter: interpreterField(registry),
    identifier: identifierField(registry, protocol, identifier),
    experimental,
  };
}

function identifierField(registry: Registry, protocol: HttpProtocol | "tcp", standard: object) {
  const none = s.object({});
  const one = new PluginField(registry, "identifier", none, [], { protocol });
  return s.either([one, s.list(one, { least: 1 })], {
    default: standard,
    doc: "Names requests; of several the first that can.",
  });
}
