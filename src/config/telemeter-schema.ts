/** `telemetry`: Linkerd 1's telemeters with all of their keys, whether or not this version does what they ask. */
import type { Infer } from "./compound-fields.ts";
import { refusals } from "./linkerd-kinds.ts";
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

/** Its metrics are always served, at `/metrics` and where Linkerd 1 had them. */
const prometheus = s.object({ experimental }, { refused: refusals(["path", "prefix"]) });

const idleKinds = {
  "io.l5d.recentRequests": s.object({
    sampleRate: s.number({ min: 0, max: 1, doc: "The share of requests that is kept." }),
    capacity: s.integer({ min: 1, default: 10, doc: "How many are kept." }),
    experimental,
  }),
  "io.l5d.influxdb": s.object({ experimental }),
  "io.l5d.statsd": s.object({
    prefix: s.string({ default: "linkerd", doc: "Begins every name." }),
    hostname: host("127.0.0.1"),
    port: s.port({ default: 8125, doc: "Its UDP port." }),
    gaugeIntervalMs: s.integer({ min: 1, default: 10_000, doc: "How often gauges are sent." }),
    sampleRate: share(0.01),
    experimental,
  }),
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

export const telemeter = s.kinds({ "io.l5d.prometheus": prometheus, ...idleKinds });

/** Whether a telemeter is accepted and does nothing in this version. */
export function isIdle({ kind }: TelemeterConfig): boolean {
  return Object.hasOwn(idleKinds, kind);
}

export type TelemeterConfig = Infer<typeof telemeter>;
