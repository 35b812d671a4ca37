/** What a router may say in a linkerd.yaml, with Linkerd 1's names, defaults and units. */
import { Dtab } from "../naming/dtab.ts";
import type { Infer } from "./compound-fields.ts";
import { clientSchema, h2Service, type HttpProtocol, httpService } from "./client-schema.ts";
import { idle, refusals } from "./linkerd-kinds.ts";
import { interpreterField } from "./interpreter-field.ts";
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
  ["thrift", "mux", "thriftmux"].map((name) => [name, `routers of protocol \`${name}\` are not in this version`]),
);

/** The text of a dtab, with the place of each mistake. */
export const dtabField = s.text(
  {
    expected: "dentries such as `/svc => /#/io.l5d.fs ;`",
    code: "dtab.syntax",
    parse: (text) => Dtab.read(text),
  },
  { default: "", doc: "How logical names become concrete ones: `prefix => destination ;` each, later ones win." },
);

const bindingCache = s.object(
  {
    paths: s.integer({ min: 1, default: 1000, doc: "Logical names kept." }),
    trees: s.integer({ min: 1, default: 1000, doc: "Bound trees kept." }),
    bounds: s.integer({ min: 1, default: 1000, doc: "Bound names kept." }),
    clients: s.integer({ min: 1, default: 1000, doc: "Clusters kept." }),
    idleTtlSecs: s.integer({ min: 1, default: 600, doc: "How long something unused is kept, in seconds." }),
  },
  { doc: "How many names are kept, each size for itself, and for how long." },
);

const idleH2Keys = ["", "RollPolicy", "Append", "RotateCount"].map((key) => `h2AccessLog${key}`);

const idleHttpKeys = [
  "httpAccessLog",
  "httpAccessLogRollPolicy",
  "httpAccessLogAppend",
  "httpAccessLogRotateCount",
  "maxErrResponseKB",
  "streamAfterContentLengthKB",
  "streamingEnabled",
  "compressionLevel",
];

const tracePropagator = s.kinds(
  { "io.l5d.default": s.object({}) },
  {
    default: { kind: "io.l5d.default" },
    refused: { "io.l5d.zipkin": "the trace propagator io.l5d.zipkin is not in this version" },
    doc: "Which headers carry a trace from hop to hop.",
  },
);

/** One router. `label` is absent where the file leaves it to the protocol. */
export function routerSchema(registry: Registry) {
  return new ProtocolField(
    { http: httpRouter(registry), h2: h2Router(registry), tcp: tcpRouter(registry) },
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

function httpRouter(registry: Registry) {
  const fields = {
    ...commonKeys(registry, "http", { kind: "io.l5d.header.token" }),
    service: staticOrGlobal(httpService(registry), aboutService),
    servers: s.list(httpServer, { least: 1, doc: "Where it listens." }),
    maxHeadersKB: s.integer({ min: 1, max: 1024, default: 8, doc: "The most that all headers may have." }),
    maxInitialLineKB: s.integer({ min: 1, max: 1024, default: 4, doc: "The most that the first line may have." }),
  };
  return s.object(fields, {
    refused: { ...movedFromRouter, ...refusals(["announcers", "loggers"]) },
    ignored: idle(idleHttpKeys),
  });
}

function h2Router(registry: Registry) {
  const fields = {
    ...commonKeys(registry, "h2", { kind: "io.l5d.header.token", header: ":authority" }),
    service: staticOrGlobal(h2Service(registry), aboutService),
    servers: s.list(h2Server, { least: 1, doc: "Where it listens." }),
  };
  return s.object(fields, {
    refused: { ...movedFromRouter, ...refusals(["announcers", "loggers"]) },
    ignored: idle(idleH2Keys),
  });
}

function tcpRouter(registry: Registry) {
  const fields = {
    ...namingKeys(registry, "tcp", { kind: "linkspan.port" }),
    servers: s.list(tcpServer, { least: 1, doc: "Where it listens." }),
    client: staticOrGlobal(tcpClient(registry), "How clusters are connected to. A `prefix` matches bound ids."),
  };
  const service = "`service` is for requests; a TCP router has none";
  return s.object(fields, { refused: { ...refusals(["announcers", "loggers"]), service } });
}

function commonKeys(registry: Registry, protocol: HttpProtocol, identifier: object) {
  return {
    ...namingKeys(registry, protocol, identifier),
    originator: s.boolean({ default: false, doc: "Sets a gauge, and nothing else." }),
    client: staticOrGlobal(clientSchema(registry, protocol), "How clusters are called. A `prefix` matches bound ids."),
    tracePropagator,
  };
}

function namingKeys(registry: Registry, protocol: HttpProtocol | "tcp", identifier: object) {
  return {
    label: s.optional(s.string({ empty: true, doc: "Its name in metrics and logs; the protocol if it is not said." })),
    dstPrefix: s.path({ default: "/svc", doc: "Begins every logical name of this router." }),
    dtab: dtabField,
    bindingTimeoutMs: s.integer({ min: 1, default: 10_000, doc: "How long a name may take to bind." }),
    bindingCache,
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
