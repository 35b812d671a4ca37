/** The plugins that read Consul, and the one that writes to it. */
import { resolve } from "node:path";
import { clientTls, definePlugin, s, type SchemaProblem, type Secret } from "linkspan/plugin";
import { HEALTH } from "./options.ts";

const weight = s.object({
  tag: s.string({ doc: "Of instances with this tag." }),
  weight: s.number({ min: 0, doc: "Their share of the traffic, relative to 1." }),
});

/** How the agent is reached, for every plugin on Consul. */
const connection = {
  host: s.string({ default: "localhost", doc: "Where the agent is." }),
  port: s.port({ default: 8500, doc: "Its HTTP port, or its HTTPS port with `tls`." }),
  token: s.optional(s.secret({ doc: "The ACL token that is sent." })),
  tokenFile: s.optional(
    s.string({ doc: "A file with the token instead, which is read again when it changes; relative to this file." }),
  ),
  tls: clientTls,
};

const consistency = s.oneOf(["default", "stale", "consistent"], {
  default: "default",
  doc: "Which servers may answer: `stale` any, `consistent` the leader after it asked the others.",
});

const failFast = s.idle(
  s.boolean({ default: false }),
  "an agent that cannot be asked is always tried by one question at a time",
);
const gone = "is gone since Linkerd 1.7";

/** Linkerd 1 did not mind. */
const statusesWithoutHealth: SchemaProblem = {
  at: ["healthStatuses"],
  key: true,
  code: "key.idle",
  severity: "warning",
  message: "`healthStatuses` has no effect without `useHealthCheck: true`",
  expected: "`useHealthCheck: true` beside it",
};

const schema = s.object(
  {
    ...connection,
    consistencyMode: consistency,
    includeTag: s.boolean({ default: false, doc: "Whether paths are `/DC/TAG/SERVICE` and not `/DC/SERVICE`." }),
    tagAfterHash: s.boolean({ default: false, doc: "Whether `SERVICE#TAG` means instances with that tag." }),
    useHealthCheck: s.boolean({ default: false, doc: "Whether only instances whose checks say so are called." }),
    healthStatuses: s.list(s.oneOf(HEALTH), {
      least: 1,
      default: ["passing"],
      doc: "With `useHealthCheck`: what an instance's worst check may say.",
    }),
    setHost: s.boolean({
      default: false,
      doc: "Whether requests carry the service's DNS name in Consul as their Host.",
    }),
    preferServiceAddress: s.boolean({
      default: true,
      doc: "Whether a service's own address goes before that of its node.",
    }),
    weights: s.list(weight, { default: [], doc: "Weights by tag; of several that fit the greatest, 1 if none does." }),
    useServiceWeights: s.boolean({
      default: false,
      doc: "Whether the weights that services were registered with count, times those by tag.",
    }),
    transferMetadata: s.boolean({
      default: false,
      doc: "Whether the metadata of services and nodes goes with addresses.",
    }),
    failFast,
    fixedLengthStreamedAfterKB: s.idle(
      s.integer({ min: 0, default: 5120 }),
      "answers of up to 64 MiB are read as they come",
    ),
  },
  {
    refused: {
      maxHeadersKB: `\`maxHeadersKB\` ${gone}`,
      maxInitialLineKB: `\`maxInitialLineKB\` ${gone}`,
      maxRequestKB: `\`maxRequestKB\` ${gone}`,
      maxResponseKB: `\`maxResponseKB\` ${gone}`,
    },
    check({ token, tokenFile, useHealthCheck, healthStatuses }) {
      const problems = [...twoTokens(token, tokenFile)];
      if (!useHealthCheck && healthStatuses.join() !== "passing") {
        problems.push(statusesWithoutHealth);
      }
      return problems;
    },
  },
);

const interpreterSchema = s.object(
  {
    ...connection,
    pathPrefix: s.path({ default: "/namerd/dtabs", doc: "What the keys of dtabs begin with." }),
    namespace: s.string({ default: "default", doc: "The rest of the key: the name of the dtab." }),
    datacenter: s.optional(s.string({ doc: "Whose store it is; that of the agent if it is not said." })),
    readConsistencyMode: consistency,
    backoff: s.optional(
      s.kinds(
        {
          constant: s.object({ ms: s.integer({ min: 0, default: 0, doc: "The delay after a failure." }) }),
          jittered: s.object({
            minMs: s.integer({ min: 1, doc: "The first delay after a failure." }),
            maxMs: s.integer({ min: 1, doc: "The longest." }),
          }),
        },
        { doc: "How long to wait after a failure; between 100 ms and 5 s if it is not said." },
      ),
    ),
    failFast,
    writeConsistencyMode: s.idle(consistency, "an interpreter writes nothing"),
  },
  {
    check({ token, tokenFile, namespace, backoff }) {
      const problems = [...twoTokens(token, tokenFile)];
      if (!/^[A-Za-z0-9_-]+$/.test(namespace)) {
        const message = "a namespace has letters, digits, `_` and `-` only";
        problems.push({ at: ["namespace"], message, received: namespace });
      }
      if (backoff?.kind === "jittered" && backoff.minMs > backoff.maxMs) {
        problems.push({ at: ["backoff", "minMs"], message: "`minMs` is more than `maxMs`" });
      }
      return problems;
    },
  },
);

export const consulNamer = definePlugin({
  api: 1,
  family: "namer",
  kind: "io.l5d.consul",
  schema,
  whenUnreachable: "next",
  async create({ token, tokenFile, tls, ...rest }, context) {
    // Threads that only read the configuration do not load the client.
    const { ConsulNamer } = await import("./namer.ts");
    return new ConsulNamer({ ...rest, ...secretOf({ token, tokenFile }, context.baseDir), tls }, context);
  },
});

export const consulInterpreter = definePlugin({
  api: 1,
  family: "interpreter",
  kind: "io.l5d.consul.interpreter",
  schema: interpreterSchema,
  async create({ token, tokenFile, tls, ...rest }, context) {
    const { openConsulInterpreter } = await import("./interpreter.ts");
    return openConsulInterpreter({ ...rest, tls, ...secretOf({ token, tokenFile }, context.baseDir) }, context);
  },
});

const announcerSchema = s.object(
  {
    ...connection,
    service: s.optional(s.string({ doc: "What instances are registered as; what a path says if it is not said." })),
    tags: s.list(s.string({ doc: "A tag." }), { default: [], doc: "The tags of every registration." }),
    node: s.optional(
      s.string({
        doc: "Registers in the catalogue, on a node of this name that no agent has; with the agent that is asked if it is not said.",
      }),
    ),
  },
  { check: ({ token, tokenFile }) => twoTokens(token, tokenFile) },
);

export const consulAnnouncer = definePlugin({
  api: 1,
  family: "announcer",
  kind: "io.l5d.consul",
  schema: announcerSchema,
  connection: Object.keys(connection),
  async create({ token, tokenFile, tls, service, node, ...rest }, context) {
    const { ConsulAnnouncer } = await import("./announcer.ts");
    return new ConsulAnnouncer(
      { ...rest, ...secretOf({ token, tokenFile }, context.baseDir), tls, service, node },
      context,
    );
  },
});

const storeSchema = s.object(
  {
    ...connection,
    pathPrefix: s.path({ default: "/linkspan", doc: "What the keys of documents begin with." }),
    datacenter: s.optional(s.string({ doc: "Whose store it is; that of the agent if it is not said." })),
  },
  { check: ({ token, tokenFile }) => twoTokens(token, tokenFile) },
);

export const consulStore = definePlugin({
  api: 1,
  family: "store",
  kind: "io.l5d.consul",
  schema: storeSchema,
  async create({ token, tokenFile, tls, ...rest }, context) {
    const { openConsulStore } = await import("./store.ts");
    return openConsulStore({ ...rest, tls, ...secretOf({ token, tokenFile }, context.baseDir) }, context);
  },
});

export default [consulNamer, consulInterpreter, consulAnnouncer, consulStore];

interface TokenKeys {
  readonly token?: Secret | undefined;
  readonly tokenFile?: string | undefined;
}

function secretOf({ token, tokenFile }: TokenKeys, baseDir: string) {
  return {
    token,
    tokenFile: tokenFile === undefined ? undefined : resolve(baseDir, tokenFile),
  };
}

function twoTokens(token: Secret | undefined, tokenFile: string | undefined): SchemaProblem[] {
  if (token === undefined || tokenFile === undefined) return [];
  const message = "`tokenFile` cannot stand beside `token`";
  return [{ at: ["tokenFile"], key: true, message, expected: "one of the two" }];
}
