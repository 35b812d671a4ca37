/** Plugins with the kinds and keys of the real ones, for tests of configurations. */
import {
  definePlugin,
  type AnyPlugin,
  type AnyPluginOf,
  type Families,
  type Family,
} from "../../../src/config/plugin.ts";
import { s, type Field } from "../../../src/config/schema.ts";

function plugin<F extends Family>(
  family: F,
  kind: string,
  schema: Field<unknown>,
  experimental = false,
  protocols?: readonly string[],
): AnyPluginOf<F> {
  const create = (): Families[F] => {
    throw new Error("a test plugin makes nothing");
  };
  return definePlugin({ api: 1, family, kind, schema, experimental, create, ...(protocols && { protocols }) });
}

const zkAddrs = s.list(s.object({ host: s.string(), port: s.port({ default: 2181 }) }), { least: 1 });
const effort = s.integer({ min: 1, default: 5 });

export const testPlugins: readonly AnyPlugin[] = [
  definePlugin({ ...plugin("namer", "io.l5d.fs", s.object({ rootDir: s.string() })), folderKey: "rootDir" }),
  plugin(
    "namer",
    "io.l5d.curator",
    s.object({ zkAddrs, basePath: s.string({ default: "/" }), port: s.string({ default: "sslPort" }) }),
  ),
  definePlugin({
    ...plugin("namer", "linkspan.dns", s.object({})),
    whenUnreachable: "next",
    lists: "instances",
  }),
  definePlugin({ ...plugin("namer", "com.acme.lists-nothing", s.object({})), lists: "nothing" }),
  plugin("namer", "io.l5d.marathon", s.object({ host: s.string(), port: s.port({ default: 80 }) })),
  plugin(
    "namer",
    "linkspan.nomad",
    s.object({ host: s.string(), port: s.port({ default: 4646 }), namespace: s.string({ default: "default" }) }),
  ),
  plugin("namer", "io.l5d.serversets", s.object({ zkAddrs })),
  plugin(
    "namer",
    "io.l5d.k8s",
    s.object({
      kubeconfig: s.optional(s.string()),
      context: s.optional(s.string()),
      inCluster: s.boolean({ default: false }),
    }),
  ),
  definePlugin({
    ...plugin("namer", "com.acme.goes-on", s.object({})),
    whenUnreachable: "next",
  }),
  plugin("namer", "com.acme.lab", s.object({ tag: s.string({ default: "none" }) }), true),
  definePlugin({
    ...plugin("announcer", "io.l5d.curator", s.object({ zkAddrs, path: s.string({ default: "/" }) })),
    connection: ["zkAddrs"],
  }),
  definePlugin({
    ...plugin(
      "announcer",
      "io.l5d.serversets",
      s.object({ zkAddrs, path: s.string({ default: "/discovery" }), pathPrefix: s.optional(s.string()) }),
    ),
    connection: ["zkAddrs"],
  }),
  definePlugin({
    ...plugin(
      "announcer",
      "io.l5d.k8s",
      s.object({
        kubeconfig: s.optional(s.string()),
        inCluster: s.boolean({ default: false }),
        namespace: s.optional(s.string()),
        service: s.optional(s.string()),
        ports: s.list(s.object({ name: s.string(), port: s.port() }), { default: [] }),
      }),
    ),
    connection: ["kubeconfig", "inCluster"],
  }),
  plugin("identifier", "io.l5d.header.token", s.object({ header: s.string({ default: "Host" }) })),
  plugin("identifier", "io.l5d.methodAndHost", s.object({ httpUriInDst: s.boolean({ default: false }) })),
  plugin(
    "identifier",
    "io.l5d.path",
    s.object({ segments: s.integer({ min: 1, default: 1 }), consume: s.boolean({ default: false }) }),
  ),
  plugin("identifier", "io.l5d.header", s.object({ header: s.string({ default: "l5d-name" }) })),
  plugin("identifier", "io.l5d.static", s.object({ path: s.path() })),
  plugin("identifier", "linkspan.host", s.object({})),
  plugin("balancer", "p2c", s.object({ maxEffort: effort })),
  plugin(
    "balancer",
    "ewma",
    s.object({
      maxEffort: effort,
      decayTimeMs: s.integer({ min: 1, default: 10_000 }),
      failurePenaltyMs: s.integer({ min: 0, default: 0 }),
    }),
  ),
  ...["nonRetryable5XX", "retryableRead5XX", "retryableIdempotent5XX", "retryableAll5XX", "allSuccessful"].map((kind) =>
    plugin("classifier", `io.l5d.http.${kind}`, s.object({}), false, ["http"]),
  ),
  plugin("identifier", "io.l5d.header.path", s.object({ segments: s.optional(s.integer({ min: 1 })) }), false, ["h2"]),
  plugin("classifier", "linkspan.status", s.object({ retryable: s.string({ default: "none" }) })),
  plugin(
    "classifier",
    "linkspan.rules",
    s.object({ retryable: s.string({ default: "none" }), rules: s.list(s.any()) }),
  ),
  ...["nonRetryable5XX", "retryableRead5XX", "retryableIdempotent5XX", "retryableAll5XX", "allSuccessful"].map((kind) =>
    plugin("classifier", `io.l5d.h2.${kind}`, s.object({}), false, ["h2"]),
  ),
  ...["default", "compliant", "alwaysRetryable", "neverRetryable"].map((kind) =>
    plugin("classifier", `io.l5d.h2.grpc.${kind}`, s.object({}), false, ["h2"]),
  ),
  plugin("interpreter", "default", s.object({})),
  ...["http.anyMethod", "http.domainToPathPfx", "hostportPfx", "namer.zk.leader"].map((kind) =>
    plugin("systemNamer", `io.buoyant.${kind}`, s.object({})),
  ),
  plugin("systemNamer", "com.acme.Pfx", s.object({})),
  definePlugin({
    ...plugin("interpreter", "com.acme.file", s.object({ dtab: s.string() })),
    dtabFileKey: "dtab",
  }),
  plugin("accrual", "none", s.object({})),
  plugin(
    "accrual",
    "io.l5d.consecutiveFailures",
    s.object({ failures: s.integer({ min: 1 }), backoff: s.optional(s.backoff()) }),
  ),
];
