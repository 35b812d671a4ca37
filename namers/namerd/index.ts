/** The interpreters that ask a namerd: over HTTP; those of its other protocols are read in full and not served. */
import { clientTls, definePlugin, type Schema, type SchemaProblem, s } from "linkspan/plugin";

const dst = s.path({ doc: "Where namerd is: a path below `/$/` or `/#/` that binds to its addresses." });

const retryOf = (baseSeconds: number) =>
  s.object(
    {
      baseSeconds: s.integer({ min: 1, default: baseSeconds, doc: "The first delay after a failure." }),
      maxSeconds: s.integer({ min: 1, default: 600, doc: "The longest; it begins anew with every answer." }),
    },
    {
      doc: "How long to wait after failures.",
      check({ baseSeconds, maxSeconds }): readonly SchemaProblem[] {
        if (baseSeconds <= maxSeconds) return [];
        return [{ at: ["baseSeconds"], message: "`baseSeconds` is more than `maxSeconds`" }];
      },
    },
  );

const thresholdOf = (closeTimeoutMs: number) =>
  s.optional(
    s.object({
      minPeriodMs: s.integer({ min: 1, default: 5_000, doc: "How often a session is asked whether it is alive." }),
      closeTimeoutMs: s.integer({ min: 1, default: closeTimeoutMs, doc: "How long its answer may take." }),
    }),
  );

const namespace = s.string({ default: "default", doc: "The name of the dtab." });

const HTTP =
  "namerd gives the same names over HTTP: use `kind: io.l5d.namerd.http`, and in `dst` the port of its `io.l5d.httpController` (4180)";

export const namerdHttp = definePlugin({
  api: 1,
  family: "interpreter",
  kind: "io.l5d.namerd.http",
  schema: s.object({ dst, namespace, retry: retryOf(5), tls: clientTls }),
  async create({ tls, ...rest }, context) {
    // Threads that only read the configuration do not load the client.
    const { NamerdInterpreter } = await import("./interpreter.ts");
    return new NamerdInterpreter({ ...rest, tls }, context);
  },
});

const thrift = s.object({
  dst,
  namespace,
  retry: retryOf(5),
  tls: s.optional(
    s.object({
      commonName: s.string({ doc: "The name that namerd's certificate must have." }),
      caCert: s.optional(s.string({ doc: "Whom to trust." })),
    }),
  ),
  failureThreshold: thresholdOf(4_000),
});

const mesh = s.object({
  dst,
  root: s.path({ default: "/default", doc: "The name of the dtab." }),
  retry: retryOf(1),
  tls: clientTls,
  failureThreshold: thresholdOf(6_000),
  initialStreamWindowSizeKB: s.integer({ min: 1, default: 10_240, doc: "The window of each stream." }),
});

export default [
  namerdHttp,
  notServed("io.l5d.namerd", thrift, `the interpreter io.l5d.namerd (ThriftMux) is not served; ${HTTP}`),
  notServed("io.l5d.mesh", mesh, `the interpreter io.l5d.mesh (gRPC) is not served; ${HTTP}`),
];

function notServed(kind: string, schema: Schema<unknown>, refused: string) {
  return definePlugin({
    api: 1,
    family: "interpreter",
    kind,
    schema,
    refused,
    create() {
      throw new Error(refused);
    },
  });
}
