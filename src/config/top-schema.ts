/** The top-level keys of a configuration that are neither routers nor the short form. */
import { adminSchema } from "./admin-schema.ts";
import type { Infer } from "./compound-fields.ts";
import { controlSchema } from "./control-schema.ts";
import { refusals } from "./linkerd-kinds.ts";
import { mirrorsField } from "./mirror-schema.ts";
import { PluginField } from "./plugin-field.ts";
import type { Registry } from "./registry.ts";
import { s } from "./schema.ts";
import { telemeter } from "./telemeter-schema.ts";
import { transformersField } from "./transformer-field.ts";

/** The mass-loss guard. */
export const guardSchema = s.object(
  {
    hold: s.duration({ default: "30s", doc: "How long a loss without a sign is held back; 0 turns the guard off." }),
    name: s.number({ min: 0, max: 1, default: 0.5, doc: "The share of a name's endpoints whose loss is held." }),
    source: s.number({ min: 0, max: 1, default: 0.2, doc: "The share of a source's names whose loss is held." }),
    maxStale: s.optional(
      s.duration({
        doc: "After so long without a confirmed answer of a source `/ready` says 503; its names stay in use.",
      }),
    ),
  },
  { doc: "Holds back a loss of many endpoints at once." },
);

/** What outlives the process. */
export const snapshotSchema = s.object(
  {
    path: s.optional(
      s.string({ doc: "The file; `$STATE_DIRECTORY/snapshot` if it is not said, and none where that is not set." }),
    ),
    interval: s.duration({ default: "10s", doc: "How often it is written when something has changed." }),
    keep: s.duration({ default: "7d", doc: "How long a name that nobody asks for is remembered." }),
  },
  { doc: "The last good answers of every registry, for a start during an outage." },
);

const namerCommon = (registry: Registry) =>
  s.object({
    prefix: s.optional(s.path({ doc: "Reached as `/#` followed by this; `/` and the kind if it is not said." })),
    whenUnreachable: s.optional(
      s.oneOf(["fail", "next"], {
        doc: "Whether a registry that was never reached ends an alt, or lets it go on; `fail` if it is not said, but `next` for the kinds where Linkerd 1 went on (Consul, DNS SRV).",
      }),
    ),
    transformers: transformersField(registry),
  });

/** Every top-level key but `routers`, `sources`, `listen` and the rest of the short form. */
export function topFields(registry: Registry) {
  return {
    namers: s.list(
      new PluginField(registry, "namer", namerCommon(registry), ["prefix", "whenUnreachable", "transformers"], {}),
      {
        default: [],
        doc: "Discovery systems. Of two with the same prefix the later one wins.",
      },
    ),
    mirrors: mirrorsField(registry),
    control: controlSchema(registry),
    admin: adminSchema,
    telemetry: s.list(telemeter, { default: [], doc: "Where metrics and traces go." }),
    usage: s.optional(s.any({ doc: "Accepted and ignored: nothing is ever sent home." })),
    plugins: s.list(s.string(), { default: [], doc: "Packages or `./paths` of plugins, relative to this file." }),
    workers: s.optional(
      s.integer({ min: 0, max: 256, doc: "Data threads, 1 if it is not said; 0 runs everything in one thread." }),
    ),
    controlHeapMb: s.optional(
      s.integer({
        min: 64,
        max: 65_536,
        doc: "Heap of the thread that keeps all names, in MB; a quarter of memory, 512 to 4096, if not said.",
      }),
    ),
    zone: s.optional(
      s.string({
        doc: "Where this daemon runs; `$LINKSPAN_ZONE` if it is not said, and in a cluster the zone of the node `$NODE_NAME`.",
      }),
    ),
    guard: guardSchema,
    snapshot: snapshotSchema,
    log: s.object(
      { level: s.oneOf(["error", "warn", "info", "debug"], { default: "info", doc: "The least that is logged." }) },
      { doc: "The log, JSON lines on standard output." },
    ),
    shutdown: s.object(
      {
        grace: s.optional(s.duration({ doc: "How long a shutdown may take; stands above `admin.shutdownGraceMs`." })),
        lastCall: s.duration({
          default: "2s",
          doc: "How long an idle connection of HTTP/1 is kept then, for a request that is on its way.",
        }),
      },
      { doc: "How the process ends." },
    ),
  };
}

/** Top-level keys that are known and not in this version. */
export const topRefused = refusals(["storage", "interfaces"]);

export type LogConfig = Infer<ReturnType<typeof topFields>["log"]>;
