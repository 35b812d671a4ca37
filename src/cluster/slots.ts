/** The places that the cluster tier keeps on an exchange; claimed once for a process, shared by all clusters. */
import type { Exchange, Layout } from "../http/exchange.ts";

/** How an attempt ended, as told to load and accrual. 0 in a fresh exchange: not known yet. */
export const Outcome = { unknown: 0, success: 1, failure: 2, ignored: 3 } as const;

/** How far the attempt's answer is. */
export const Answer = { none: 0, whole: 1, body: 2 } as const;

export class ClusterSlots {
  /** The Endpoint of the current or last attempt. */
  readonly endpoint: number;
  /** Endpoints of earlier attempts, an array; made at the second attempt. */
  readonly tried: number;
  /** What the pool knows of the connection that the attempt is on. */
  readonly connection: number;
  /** The route's Classifier, put there before the cluster tier; without it anything below 500 is a success. */
  readonly classifier: number;
  /** When the endpoint of the current attempt was asked, negative while none was; monotonic ms. */
  readonly startedAt: number;
  /** One of `Answer`. */
  readonly answer: number;
  /** One of `Outcome`. */
  readonly outcome: number;
  /** How often the exchange was sent to another endpoint since it entered the tier. */
  readonly requeues: number;
  /** How many of these the budget paid for, and how many it will pay for. */
  readonly paid: number;
  readonly most: number;
  /** 1 while an answer that said "nothing was done" is being ended. */
  readonly nacked: number;
  /** When the first endpoint was asked, once there is a second; monotonic ms. */
  readonly enteredAt: number;
  /** 1 while the end of the attempt means another one. */
  readonly again: number;
  /** What was decided beside the first attempt, or undefined; see `http/decisions.ts`. */
  readonly decisions: number;
  /** Since when it has waited to be let in by the cluster's limit; monotonic ms. */
  readonly waitsSince: number;
  /** The text of the request's deadline as its route tells it, where attempts have deadlines of their own. */
  readonly routeDeadline: number;
  /** The host that the caller asked for, while the attempt asks for another. */
  readonly askedHost: number;
  /** The attempt's place among those that are timed, while it is. */
  readonly deadline: number;

  constructor(layout: Layout) {
    this.endpoint = layout.value();
    this.tried = layout.value();
    this.connection = layout.value();
    this.classifier = layout.value();
    this.startedAt = layout.number();
    this.answer = layout.number();
    this.outcome = layout.number();
    this.requeues = layout.number();
    this.paid = layout.number();
    this.most = layout.number();
    this.nacked = layout.number();
    this.enteredAt = layout.number();
    this.again = layout.number();
    this.decisions = layout.value();
    this.waitsSince = layout.number();
    this.routeDeadline = layout.value();
    this.askedHost = layout.value();
    this.deadline = layout.value();
  }
}

/** Hears that an attempt leaves for a connection: the moment from which an attempt is timed, `now` where it was read. */
export interface Departure {
  departing(x: Exchange, now?: number): void;
}
