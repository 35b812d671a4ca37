/** What people are shown of a cluster: a snapshot, made when it is asked for. */
import type { EndpointHealth } from "../base/health.ts";
import type { Held, State } from "../base/var.ts";
import type { Status } from "../http/transport.ts";

export interface AccrualView {
  /** As `accrual.ts` names them. */
  readonly state: string;
  readonly removals: number;
  readonly revivals: number;
  readonly probes: number;
  /** While it is dead: for how long still. */
  readonly outForMs?: number;
}

export interface EndpointView {
  /** `host:port`. */
  readonly address: string;
  readonly weight: number;
  readonly meta?: Readonly<Record<string, string>>;
  readonly status: Status;
  /** Why it is not open. */
  readonly reason?: string;
  /** How much it gets of what it would, as its balancer has it: 0 for nothing, not there for all. */
  readonly share?: number;
  /** What one more request would cost, in the balancer's own measure. */
  readonly load: number;
  /** Exchanges that it has now, those that wait for a connection included. */
  readonly pending: number;
  readonly waiting: number;
  readonly connections: { readonly open: number; readonly idle: number };
  readonly accrual: AccrualView;
  /** What active checks say, where there are such and something is known. */
  readonly health?: EndpointHealth;
  readonly requests: number;
  readonly failures: number;
  /** A moving average of the time to the first byte of answers. */
  readonly latencyMs: number;
}

export interface ClusterView {
  readonly id: string;
  readonly status: Status;
  /** Among whom its balancer chooses, where that is not all, or in panic. */
  readonly offered?: "zone" | "panic";
  readonly addresses: {
    readonly state: "pending" | "failed" | "ok";
    /** Epoch ms since when, and why. */
    readonly stale?: { readonly since: number; readonly cause: string };
    readonly held?: Held;
    readonly revision?: string;
    readonly confirmedAt?: number;
    /** Why nothing is known, for `failed`. */
    readonly cause?: string;
  };
  /** How many sets of addresses this cluster has seen. */
  readonly version: number;
  /** Exchanges that wait for the first set. */
  readonly parked: number;
  readonly draining: number;
  readonly endpoints: readonly EndpointView[];
}

export function stateView(state: State<unknown>): ClusterView["addresses"] {
  if (state.tag === "pending") return { state: "pending" };
  if (state.tag === "failed") return { state: "failed", cause: state.cause.message };
  const { stale, held, revision, confirmedAt } = state;
  return {
    state: "ok",
    ...(stale ? { stale: { since: stale.since, cause: stale.cause.message } } : {}),
    ...(held ? { held } : {}),
    ...(revision === undefined ? {} : { revision }),
    ...(confirmedAt === undefined ? {} : { confirmedAt }),
  };
}
