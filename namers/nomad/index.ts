/** The plugin `linkspan.nomad`: services that Nomad itself registers. */
import { resolve } from "node:path";
import { clientTls, definePlugin, s } from "linkspan/plugin";

const schema = s.object(
  {
    host: s.string({ default: "localhost", doc: "A Nomad agent." }),
    port: s.port({ default: 4646, doc: "Its HTTP port." }),
    namespace: s.string({ default: "default", doc: "The namespace that services are looked up in." }),
    region: s.optional(s.string({ doc: "The region that services are looked up in; the agent's if it is not said." })),
    tags: s.list(s.string(), { default: [], doc: "Only instances with all of these tags are called." }),
    token: s.optional(s.secret({ doc: "An ACL token with `read-job` on the namespace." })),
    tokenFile: s.optional(
      s.string({ doc: "A file with the token, read before each question; relative to the configuration file." }),
    ),
    tls: clientTls,
  },
  {
    check: ({ token, tokenFile, namespace }) => [
      ...(token !== undefined && tokenFile !== undefined
        ? [{ at: ["tokenFile"], key: true, message: "`tokenFile` cannot stand beside `token`" }]
        : []),
      ...(namespace === "*" ? [{ at: ["namespace"], message: "`*` is no namespace that a service can be in" }] : []),
    ],
  },
);

const nomad = definePlugin({
  api: 1,
  family: "namer",
  kind: "linkspan.nomad",
  schema,
  async create({ token, tokenFile, ...rest }, context) {
    // Threads that only read the configuration do not load it.
    const { NomadNamer } = await import("./namer.ts");
    const secret = {
      ...(token === undefined ? {} : { token }),
      ...(tokenFile === undefined ? {} : { tokenFile: resolve(context.baseDir, tokenFile) }),
    };
    return new NomadNamer({ ...rest, ...secret }, context);
  },
});

export default nomad;
