/** What a namer's watches are doing: their views, their metrics, and one line in the log for an outage's two ends. */
import type { Log } from "../base/log.ts";
import type { Counter, MetricSpec, Metrics } from "../base/metrics.ts";
import { OutageLog } from "../base/outage-log.ts";
import { Scope } from "../base/scope.ts";
import type { Clock } from "../base/time.ts";
import type { State } from "../base/var.ts";
import type { WatchView } from "./namer.ts";

const UPDATES: MetricSpec = {
  name: "linkspan_updates_total",
  type: "counter",
  help: "Updates that a namer took from its registry.",
  labels: ["namer"],
};
const STALE: MetricSpec = {
  name: "linkspan_stale_seconds",
  type: "gauge",
  help: "For how long the oldest unconfirmed name of a namer has not been confirmed; 0 when all are.",
  labels: ["namer"],
};
const WATCHES: MetricSpec = {
  name: "linkspan_watches",
  type: "gauge",
  help: "Watches of a namer by state.",
  labels: ["namer", "state"],
};

/** The metrics that every namer has, for the table in the docs. */
export const NAMER_METRICS: readonly MetricSpec[] = [UPDATES, STALE, WATCHES];

const STATES = ["pending", "ok", "stale", "held", "failed"] as const;

export interface WatchBookContext {
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** One a namer. Its metrics go when it is closed. */
export class WatchBook implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #outage: OutageLog;
  readonly #updates: Counter;
  readonly #scope = new Scope();
  readonly #pages = new Set<WatchPage>();
  readonly #troubled = new Set<WatchPage>();

  constructor(context: WatchBookContext, namer: string) {
    this.#clock = context.clock;
    this.#outage = new OutageLog(context.log, context.clock, { failed: "namer.stale", recovered: "namer.recovered" });
    this.#updates = context.metrics.counter(UPDATES, { namer }, this.#scope);
    context.metrics.gauge(STALE, { namer }, this.#scope, () => this.#staleSeconds());
    for (const state of STATES) {
      context.metrics.gauge(WATCHES, { namer, state }, this.#scope, () => this.#inState(state));
    }
  }

  /** A page for a watch that begins; its owner closes it when the watch ends. */
  open(name: string): WatchPage {
    const page = new WatchPage(name, this.#clock, {
      updated: () => this.#updates.value++,
      troubled: (cause) => this.#failed(page, cause),
      recovered: () => this.#recovered(page),
      closed: () => {
        this.#pages.delete(page);
        this.#recovered(page);
      },
    });
    this.#pages.add(page);
    return page;
  }

  views(): readonly WatchView[] {
    return [...this.#pages].map((page) => page.view());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.#scope.close();
  }

  #failed(page: WatchPage, cause: Error): void {
    this.#troubled.add(page);
    this.#outage.failed(cause, { name: page.name });
  }

  /** The outage is over when the last watch that had trouble is well, or gone. */
  #recovered(page: WatchPage): void {
    if (this.#troubled.delete(page) && this.#troubled.size === 0) this.#outage.succeeded();
  }

  #staleSeconds(): number {
    const now = this.#clock.wall();
    let oldest = now;
    for (const page of this.#troubled) oldest = Math.min(oldest, page.view().since ?? now);
    return (now - oldest) / 1000;
  }

  #inState(state: WatchView["state"]): number {
    let count = 0;
    for (const page of this.#pages) if (page.view().state === state) count++;
    return count;
  }
}

interface PageEvents {
  updated(): void;
  troubled(cause: Error): void;
  recovered(): void;
  closed(): void;
}

/** What one watch last said. */
export class WatchPage implements Disposable {
  readonly name: string;
  readonly #clock: Clock;
  readonly #events: PageEvents;
  #view: WatchView;

  constructor(name: string, clock: Clock, events: PageEvents) {
    this.name = name;
    this.#clock = clock;
    this.#events = events;
    this.#view = { name, state: "pending" };
  }

  view(): WatchView {
    return this.#view;
  }

  /** The watch publishes `state`: a snapshot, or that it could not ask. */
  tell(state: State<unknown>, endpoints?: number): void {
    if (state.tag === "pending") return;
    if (state.tag === "ok" && !state.stale) {
      this.#events.updated();
      this.#say(
        state.held ? "held" : "ok",
        { since: state.confirmedAt ?? this.#clock.wall() },
        state.revision,
        endpoints,
      );
      return this.#events.recovered();
    }
    const cause = state.tag === "failed" ? state.cause : (state.stale?.cause ?? new Error("not confirmed"));
    const { state: before, since, revision, endpoints: had } = this.#view;
    const wasGood = before === "ok" || before === "held" || before === "stale" || state.tag === "ok";
    const sinceWhen = before === "stale" || before === "failed" ? (since ?? this.#clock.wall()) : this.#clock.wall();
    this.#say(wasGood ? "stale" : "failed", { since: sinceWhen, cause: cause.message }, revision, endpoints ?? had);
    this.#events.troubled(cause);
  }

  [Symbol.dispose](): void {
    this.#events.closed();
  }

  #say(
    state: WatchView["state"],
    about: { readonly since: number; readonly cause?: string },
    revision: string | undefined,
    endpoints: number | undefined,
  ): void {
    this.#view = {
      name: this.name,
      state,
      ...about,
      ...(revision === undefined ? {} : { revision }),
      ...(endpoints === undefined ? {} : { endpoints }),
    };
  }
}
