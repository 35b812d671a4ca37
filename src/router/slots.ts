/** The places that the server and route tiers keep on an exchange; claimed once for a process, shared by all routers. */
import type { ClusterSlots } from "../cluster/slots.ts";
import type { Layout } from "../http/exchange.ts";

/** How an exchange ended, as the classifier saw it. 0 in a fresh exchange: not known yet. */
export const Verdict = { unknown: 0, success: 1, failure: 2, retryable: 3, ignored: 4 } as const;

/** Where the retry stage is with an exchange. */
export const Phase = { trying: 0, ending: 1, waiting: 2 } as const;

/** Whether an exchange goes on in a newer tree: when its attempt has ended, when there is such a tree, or it has already. */
export const Rebound = { no: 0, now: 1, soon: 2, done: 3 } as const;

export class RouterSlots {
  /** The text of the request's own dtab, or undefined. */
  readonly localDtab: number;
  /** The last 64 bits of the trace's id, in two words; 0 where there is none. */
  readonly traceHigh: number;
  readonly traceLow: number;
  /** The logical name that it was given, as text. */
  readonly service: number;
  /** The caller's Deadline, or undefined. */
  readonly deadline: number;
  /** Monotonic ms by which a gRPC call is to be over; 0 for none. */
  readonly callDueAt: number;
  /** The call's place among those that have a deadline, while it is there. */
  readonly callDeadline: number;
  /** The Lead in the bound tree that the current attempt follows. */
  readonly lead: number;
  /** The ReplayBody that keeps the request's body for another attempt, or undefined. */
  readonly replay: number;
  /** The timer of a retry that waits. */
  readonly timer: number;
  /** How long the next retry waits, and how much of that is its back-off; ms. */
  readonly wait: number;
  readonly backoff: number;
  /** The Hedge that may send it to a second endpoint, its place among those that wait for that, and since when. */
  readonly hedge: number;
  readonly hedgeTimer: number;
  readonly hedgeSince: number;
  /** The HedgeRace that it, or its child, is in. */
  readonly race: number;
  /** The exchange's place among those that the total timeout ends, while it is there. */
  readonly timeout: number;
  /** The exchange's place among those that its server's timeout ends, while it is there. */
  readonly serverTimeout: number;
  /** The answer's body while it is compressed. */
  readonly gzip: number;
  /** Attempts so far, the first one not counted. */
  readonly retries: number;
  /** One of `Rebound`. */
  readonly rebound: number;
  /** One of `Verdict`. */
  readonly verdict: number;
  /** One of `Phase`. */
  readonly phase: number;
  /** 1 once the caller was given a head or a failure. */
  readonly answered: number;
  /** The cluster tier's: the route's classifier, the endpoint of an attempt, what was decided, and the host that was asked for. */
  readonly classifier: number;
  readonly endpoint: number;
  readonly decisions: number;
  readonly askedHost: number;

  constructor(layout: Layout, cluster: ClusterSlots) {
    this.localDtab = layout.value();
    this.traceHigh = layout.number();
    this.traceLow = layout.number();
    this.service = layout.value();
    this.deadline = layout.value();
    this.callDueAt = layout.number();
    this.callDeadline = layout.value();
    this.lead = layout.value();
    this.replay = layout.value();
    this.timer = layout.value();
    this.wait = layout.number();
    this.backoff = layout.number();
    this.hedge = layout.value();
    this.hedgeTimer = layout.value();
    this.hedgeSince = layout.number();
    this.race = layout.value();
    this.timeout = layout.value();
    this.serverTimeout = layout.value();
    this.gzip = layout.value();
    this.retries = layout.number();
    this.rebound = layout.number();
    this.verdict = layout.number();
    this.phase = layout.number();
    this.answered = layout.number();
    this.classifier = cluster.classifier;
    this.endpoint = cluster.endpoint;
    this.decisions = cluster.decisions;
    this.askedHost = cluster.askedHost;
  }
}
