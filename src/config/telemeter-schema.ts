/** `telemetry`: Linkerd 1's telemeters with all of their keys, whether or not this version does what they ask. */
import type { Infer } from "./compound-fields.ts";
import { s } from "./schema.ts";

const experimental = s.boolean({ default: false, doc: "Has no effect here." });

const share = (standard: number) =>
  s.number({ min: 0, max: 1, default: standard, doc: "The share of requests that is traced." });

const levels = ["trace", "debug", "info", "warning", "error", "critical", "fatal", "all", "off"];

const level = s.text(
  {
    expected: `a level: ${levels.join(", ")}`,
    parse(text) {
      const lower = text.toLowerCase();
      if (!levels.includes(lower)) throw new Error(`${JSON.stringify(text)} is no level`);
      return lower;
    },
  },
  { default: "info", doc: "The level at which traces are logged." },
);

const host = (standard: string) => s.string({ default: standard, doc: "Where they are sent." });

const zipkinHttp = {
  host: host("localhost:9411"),
  hostHeader: s.string({ default: "zipkin", doc: "The `Host` of the requests." }),
  compressionEnabled: s.boolean({ default: true, doc: "Whether they are compressed." }),
  initialSampleRate: share(0.001),
};

/** Where paths of the admin port are written. */
const adminPath = {
  expected: "a path of the admin port, such as /admin/metrics/prometheus",
  parse(text: string) {
    if (!/^\/[^\s?#]*$/.test(text)) throw new Error(`${JSON.stringify(text)} is no path`);
    return text;
  },
};

const servedKinds = {
  "io.l5d.prometheus": s.object({
    path: s.text(adminPath, { default: "/admin/metrics/prometheus", doc: "Where Linkerd 1's metrics are read." }),
    prefix: s.string({ empty: true, default: "", doc: "Begins every name." }),
    experimental,
  }),
  "io.l5d.influxdb": s.object({ experimental }),
  "io.l5d.recentRequests": s.object({
    sampleRate: s.number({ min: 0, max: 1, doc: "The share of traces that is shown at `/requests`." }),
    capacity: s.integer({ min: 1, default: 10, doc: "How many requests are shown, the last ones; at most 1,000." }),
    experimental,
  }),
  "io.l5d.statsd": s.object({
    prefix: s.string({ default: "linkerd", doc: "Begins every name." }),
    hostname: host("127.0.0.1"),
    port: s.port({ default: 8125, doc: "Its UDP port." }),
    gaugeIntervalMs: s.integer({ min: 1, default: 10_000, doc: "How often all is sent; each second at most." }),
    sampleRate: s.idle(
      s.number({ min: 0, max: 1, default: 0.01 }),
      "all that happened is counted, and not a share of it",
    ),
    experimental,
  }),
};

const idleKinds = {
  "io.l5d.tracelog": s.object({
    sampleRate: s.number({ default: 1, doc: "The share of traces." }),
    level,
    experimental,
  }),
  "io.l5d.zipkin": s.object({
    host: host("localhost"),
    port: s.port({ default: 9410, doc: "Its port." }),
    sampleRate: share(0.001),
    experimental,
  }),
  "io.zipkin.http": s.object({ ...zipkinHttp, experimental }),
  "io.zipkin.kafka": s.object({
    bootstrapServers: host("localhost:9092"),
    topic: s.string({ default: "zipkin", doc: "Where they are put." }),
    initialSampleRate: share(0.001),
    experimental,
  }),
  "io.l5d.commonMetrics": s.object({ experimental }),
};

const noTraces = "this version sends no traces";

/** For each kind that is read in full and does nothing: why, after "has no effect: ". */
export const TELEMETERS_WITHOUT_EFFECT: Readonly<Record<keyof typeof idleKinds, string>> = {
  "io.l5d.tracelog": noTraces,
  "io.l5d.zipkin": noTraces,
  "io.zipkin.http": noTraces,
  "io.zipkin.kafka": noTraces,
  "io.l5d.commonMetrics": "metrics are always served",
};

export const telemeter = s.kinds({ ...servedKinds, ...idleKinds });

/** Why a telemeter is accepted and does nothing in this version; `undefined` where it does what it says. */
export function idleReason({ kind }: TelemeterConfig): string | undefined {
  return Object.hasOwn(TELEMETERS_WITHOUT_EFFECT, kind)
    ? TELEMETERS_WITHOUT_EFFECT[kind as keyof typeof idleKinds]
    : undefined;
}

export type TelemeterConfig = Infer<typeof telemeter>;
