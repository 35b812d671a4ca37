/** What may stand in the short form, the configuration of ten lines. */
import { BlockList, isIP } from "node:net";
import type { Infer } from "./compound-fields.ts";
import { DeferredField } from "./deferred-field.ts";
import { healthCheck } from "./health-schema.ts";
import { classRule } from "./class-rule.ts";
import { faults, shadowOfRoute } from "./fault-schema.ts";
import { hedge, rateLimit } from "./hedge-schema.ts";
import type { Registry } from "./registry.ts";
import { s } from "./schema.ts";
import { mirrorsInWords } from "./mirror-schema.ts";
import { matchFields } from "./request-match.ts";
import { balancerSettings } from "./short-balancer.ts";
import { routerSchema } from "./router-schema.ts";
import { sourceSchema } from "./short-sources.ts";
import { instanceTls, listenTls } from "./short-tls.ts";
import { topFields, topRefused } from "./top-schema.ts";

const cidr = s.text({
  expected: "a range of addresses such as 10.0.0.0/8",
  parse(text: string): string {
    const [, address = "", bits = ""] = /^([0-9a-fA-F:.]+)\/(\d{1,3})$/.exec(text) ?? [];
    const family = isIP(address);
    if (family === 0) throw new Error(`${JSON.stringify(text)} is not a range of addresses`);
    new BlockList().addSubnet(address, Math.min(Number(bits), family === 4 ? 32 : 128), family === 4 ? "ipv4" : "ipv6");
    return text;
  },
});

const budget = s.object({
  ratio: s.number({ min: 0, max: 1000, default: 0.2, doc: "Retries for each request." }),
  min: s.integer({ min: 0, default: 10, doc: "Retries a second that are free." }),
  ttl: s.duration({ default: "10s", doc: "How long a request counts." }),
});

const backoff = s.either(
  [
    s.duration(),
    s.object({
      min: s.duration({ doc: "The first wait, and the least." }),
      max: s.duration({ doc: "The longest wait." }),
    }),
  ],
  { doc: "How long to wait before each; with `min` and `max` at random, and longer each time." },
);

const retries = s.either(
  [
    s.integer({ min: 0, max: 100 }),
    s.object({
      limit: s.optional(s.integer({ min: 0, max: 100, doc: "The most attempts after the first; 3 if not said." })),
      on: s.optional(
        s.list(s.oneOf(["connect", "refused", "5xx", "idempotent"]), {
          doc: "What is tried again: `connect` and `refused` always, `5xx` answers too if said, with `idempotent` only of methods that may be repeated.",
        }),
      ),
      budget: s.optional(budget),
      backoff: s.optional(backoff),
    }),
  ],
  { doc: "The most attempts after the first, or more about them." },
);

/** What holds for one route, or at the top level for all. */
export const settings = {
  ...balancerSettings,
  timeout: s.optional(s.duration({ doc: "How long a request may take to be answered, retries and all." })),
  attemptTimeout: s.optional(s.duration({ doc: "How long one attempt may take to be answered." })),
  retries: s.optional(retries),
  hedge,
  rateLimit,
  protocol: s.optional(
    s.oneOf(["http", "h2"], { doc: "What the endpoints speak; what their caller speaks if not said." }),
  ),
  maxConcurrent: s.optional(s.integer({ min: 1, doc: "The most requests under way to a cluster at once; more wait." })),
  adaptive: s.optional(s.boolean({ doc: "Whether that number is learnt from how long answers take." })),
  maxPending: s.optional(s.integer({ min: 0, doc: "More requests that wait for a cluster are refused." })),
  tls: s.optional(instanceTls),
  health: healthCheck,
  classify: s.optional(
    s.list(classRule, { doc: "What answers are: the first rule that a request and its answer match says it." }),
  ),
  faults,
};

const target = s.string();
const weights = s.record(s.number({ min: 0 }));
export const targetsField = s.either([target, s.list(s.either([target, weights]), { least: 1 }), weights], {
  doc: "A target `source/service`; a list, of which the first that exists is taken; or weights, in a list too.",
  expected: "a target SOURCE/SERVICE or HOST:PORT, a list of them, or a mapping of their weights",
});

/** A route with settings beside its target. */
export const routeSchema = s.object({ to: targetsField, ...settings, shadow: shadowOfRoute });

/** A route of a list, which says which requests it is for. */
export const listedRouteSchema = s.object({
  name: s.optional(
    s.string({ doc: "Its name, `/svc/NAME`, in metrics and logs; made of what it matches if it is not said." }),
  ),
  match: s.object(matchFields, { doc: "Which requests it is for; every one if it is not said." }),
  to: targetsField,
  ...settings,
  shadow: shadowOfRoute,
});

/** A port that leads to a target, and one where the TLS hello chooses. */
export const portByTarget = s.object({ to: targetsField });
export const portByHello = s.object({
  sni: s.boolean({ doc: "Whether the name in a TLS hello chooses among `routes`." }),
});

const label = (key: string) => s.optional(s.string({ doc: `Instead of \`${key}\`.` }));
const labels = s.object(
  { http: label("http"), h2: label("h2"), tcp: label("tcp"), sni: label("sni") },
  { doc: "What metrics and logs call the router of each protocol." },
);

/** A port in quotes, and an address in one text. */
function listenHint(text: string): string | undefined {
  const [, host, port] = /^(?:(.+):)?(\d+)$/.exec(text) ?? [];
  if (port === undefined) return undefined;
  return host === undefined ? "take the quotes away" : `write \`{http: ${port}, host: ${host}}\``;
}

const listen = s.either(
  [
    s.port(),
    s.object({
      http: s.optional(s.port({ default: 4140, doc: "The port for HTTP/1; none if only others are said." })),
      h2: s.optional(s.port({ doc: "The port for HTTP/2 and gRPC." })),
      tcp: s.optional(
        new DeferredField(s.record(s.either([targetsField, portByTarget, portByHello])), {
          doc: "For each port a target as in `routes`, or `sni: true`: the TLS hello names it.",
        }),
      ),
      host: s.ip({ default: "127.0.0.1", doc: "The address to listen on." }),
      tls: s.optional(listenTls),
      labels: s.optional(labels),
    }),
  ],
  { default: 4140, doc: "Where callers connect.", hint: listenHint },
);

const routes = new DeferredField(
  s.either([s.record(s.either([targetsField, routeSchema])), s.list(listedRouteSchema)]),
  {
    doc: "For each host a target `source/service`, a list, weights, or `{to: ...}`; or a list of `{match: ..., to: ...}`, of which the first that matches a request is taken.",
  },
);

/** The whole of the short form, and what of a linkerd.yaml may stand beside it. Routes are read by `short-routes.ts`. */
export function shortSchema(registry: Registry) {
  return s.object(
    {
      sources: s.record(sourceSchema, { default: {}, doc: "Discovery systems, by the name that targets begin with." }),
      listen,
      routes: s.optional(routes),
      trust: s.list(cidr, { default: [], doc: "Who may send `l5d-dtab` and `l5d-ctx-*`; nobody if not said." }),
      ...settings,
      routers: s.list(routerSchema(registry), {
        default: [],
        doc: "Routers in the words of a linkerd.yaml, beside those of `routes`.",
      }),
      ...topFields(registry),
      mirrors: mirrorsInWords(registry),
    },
    { refused: { ...topRefused, shadow: "`shadow` is said beside the `to` of a route" } },
  );
}

export type ShortForm = Infer<ReturnType<typeof shortSchema>>;
export type RouteSettings = Omit<Infer<typeof routeSchema>, "to">;
export type ListedRoute = Infer<typeof listedRouteSchema>;
export type Targets = Infer<typeof targetsField>;
export type Weights = Infer<typeof weights>;
