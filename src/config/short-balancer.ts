/** The choice of an endpoint in the short form: what may be said, what it means in a linkerd.yaml, and the way back. */
import { localityField, stickyField } from "./balancer-schema.ts";
import type { ClientConfig } from "./client-schema.ts";
import type { Infer } from "./compound-fields.ts";
import { s } from "./schema.ts";
import { showDuration } from "./units.ts";

export const balancerSettings = {
  balancer: s.optional(
    s.oneOf(["ewma", "p2c", "aperture", "heap", "roundRobin"], { doc: "Chooses an endpoint; `ewma` if not said." }),
  ),
  failurePenalty: s.optional(s.duration({ doc: "A failed attempt counts as at least so slow; 1s if not said." })),
  slowStart: s.optional(
    s.duration({ doc: "How long the share of a new endpoint grows, from a tenth on; 10s if not said." }),
  ),
  locality: s.optional(
    s.either([localityField, s.boolean()], {
      doc: "Endpoints of the own zone only, while enough of them are open; `true` for as many as usual, `off` for a route where the file says so for all.",
    }),
  ),
  sticky: s.optional(stickyField),
  panic: s.optional(
    s.number({
      min: 0,
      max: 1,
      doc: "With a smaller share of open endpoints than this all are used; 0.5 if not said.",
    }),
  ),
};

export type BalancerSettings = { readonly [K in keyof typeof balancerSettings]?: Infer<(typeof balancerSettings)[K]> };
type LoadBalancer = ClientConfig["loadBalancer"];

/** What the short form means where it says nothing. */
const PENALTY_MS = 1_000;
const SLOW_START_MS = 10_000;
const PANIC = 0.5;

/** The client's `loadBalancer`, whole; nothing where `own` says none of it. `all` is what the file says for every route. */
export function balancerOf(own: BalancerSettings, all: BalancerSettings): { readonly loadBalancer?: object } {
  const isSaid = Object.keys(balancerSettings).some((key) => own[key as keyof BalancerSettings] !== undefined);
  if (!isSaid) return {};
  const {
    balancer: kind = "ewma",
    failurePenalty,
    slowStart,
    locality,
    sticky,
    panic,
  } = { ...said(all), ...said(own) };
  return {
    loadBalancer: {
      kind,
      ...(kind === "ewma" ? { failurePenaltyMs: failurePenalty ?? PENALTY_MS } : {}),
      slowStartMs: slowStart ?? SLOW_START_MS,
      panicThreshold: panic ?? PANIC,
      ...(locality === undefined || locality === false ? {} : { locality: locality === true ? {} : locality }),
      ...(sticky === undefined ? {} : { sticky }),
    },
  };
}

/** The settings that may mean the same, which the caller has to see for himself. */
export function sayBalancer({ kind, config, ...common }: LoadBalancer): Readonly<Record<string, unknown>> {
  const { slowStartMs, panicThreshold, locality, sticky } = common;
  const { failurePenaltyMs } = config as { readonly failurePenaltyMs?: number };
  const isPenaltySaid = kind === "ewma" && failurePenaltyMs !== PENALTY_MS;
  return {
    ...(kind === "ewma" ? {} : { balancer: kind }),
    ...(isPenaltySaid ? { failurePenalty: showDuration(Number(failurePenaltyMs)) } : {}),
    ...(slowStartMs === SLOW_START_MS ? {} : { slowStart: showDuration(slowStartMs) }),
    ...(panicThreshold === PANIC ? {} : { panic: panicThreshold }),
    ...(locality === undefined ? {} : { locality }),
    ...(sticky === undefined ? {} : { sticky }),
  };
}

function said(settings: BalancerSettings): BalancerSettings {
  return Object.fromEntries(Object.entries(settings).filter(([, value]) => value !== undefined));
}
