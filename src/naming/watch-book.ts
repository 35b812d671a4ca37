/** What a namer's watches are doing: their views, what they count, and one line in the log for an outage's two ends. */
import type { Log } from "../base/log.ts";
import type { Counter, MetricSpec, Metrics } from "../base/metrics.ts";
import { OutageLog } from "../base/outage-log.ts";
import { Scope } from "../base/scope.ts";
import type { Clock } from "../base/time.ts";
import { merged } from "../base/state.ts";
import { pending, type State } from "../base/var.ts";
import type { WatchView } from "./namer.ts";
import { REFUSED_ENTRIES, RefusalTeller, type Refusals, RefusedEntries } from "./refused-entries.ts";

const UPDATES: MetricSpec = {
  name: "linkspan_updates_total",
  type: "counter",
  help: "Updates that a namer took from its registry.",
  labels: ["namer"],
};
const REPAIRS: MetricSpec = {
  name: "linkspan_resync_repairs_total",
  type: "counter",
  help: "Entries that a full re-list found to differ from what a namer's watches had said.",
  labels: ["namer"],
};

/** For the table in the docs. */
export const WATCH_METRICS: readonly MetricSpec[] = [UPDATES, REPAIRS, REFUSED_ENTRIES];

/** A registry that is away again so soon after is told of once. */
const FLAPPING_MS = 5_000;

/** What a plugin's context has of this. */
export interface WatchBookContext {
  /** Of the metrics: the namer's prefix. */
  readonly label: string;
  readonly log: Log;
  readonly metrics: Metrics;
  readonly clock: Clock;
}

/** One a namer. Its metrics go when it is closed. */
export class WatchBook implements AsyncDisposable {
  readonly #clock: Clock;
  readonly #outage: OutageLog;
  readonly #updates: Counter;
  readonly #repairs: Counter;
  readonly #refusals: RefusalTeller;
  readonly #scope = new Scope();
  readonly #pages = new Set<WatchPage>();
  readonly #troubled = new Set<WatchPage>();
  /** Of all pages: there is one for each name. */
  readonly #events: PageEvents = {
    wall: () => this.#clock.wall(),
    refusedOf: (name) => new RefusedEntries(this.#refusals, name),
    updated: () => this.#updates.value++,
    repaired: (entries) => this.repaired(entries),
    troubled: (page, cause) => this.#failed(page, cause),
    recovered: (page) => this.#recovered(page),
    closed: (page) => {
      this.#pages.delete(page);
      this.#recovered(page);
    },
  };

  constructor(context: WatchBookContext) {
    const namer = context.label;
    this.#clock = context.clock;
    this.#outage = new OutageLog(
      context.log,
      context.clock,
      { failed: "namer.stale", recovered: "namer.recovered" },
      FLAPPING_MS,
    );
    this.#updates = context.metrics.counter(UPDATES, { namer }, this.#scope);
    this.#repairs = context.metrics.counter(REPAIRS, { namer }, this.#scope);
    const refused = context.metrics.counter(REFUSED_ENTRIES, { namer }, this.#scope);
    this.#refusals = new RefusalTeller(context.log, context.clock, refused);
  }

  /** A page for a watch that begins; its owner closes it when the watch ends. */
  open(name: string): WatchPage {
    const page = new WatchPage(name, this.#events);
    this.#pages.add(page);
    return page;
  }

  /**
   * A full re-list found `entries` that differ from what the watches had said; the reader has put them right. Of one
   * name's own re-list, say it to its page.
   */
  repaired(entries: number): void {
    this.#repairs.value += entries;
  }

  /** For entries of what many names share. Of one name's own, say it to its page. */
  refusedEntries(): RefusedEntries {
    return new RefusedEntries(this.#refusals);
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
}

interface PageEvents {
  wall(): number;
  refusedOf(name: string): RefusedEntries;
  updated(): void;
  repaired(entries: number): void;
  troubled(page: WatchPage, cause: Error): void;
  recovered(page: WatchPage): void;
  closed(page: WatchPage): void;
}

/** What one watch last said. */
export class WatchPage implements Disposable {
  readonly name: string;
  readonly #events: PageEvents;
  #refused: RefusedEntries | undefined;
  /** A value stays, stale, when it cannot be confirmed. */
  #told: State<unknown> = pending;
  /** Where that does not say it: since when there is trouble, or when it was told. */
  #since: number | undefined;
  #endpoints: number | undefined;

  constructor(name: string, events: PageEvents) {
    this.name = name;
    this.#events = events;
  }

  view(): WatchView {
    const { name } = this;
    const told = this.#told;
    if (told.tag === "pending") return { name, state: "pending" };
    const known = told.tag === "ok" ? told : undefined;
    const cause = troubleOf(told)?.message;
    const since = this.#since ?? known?.confirmedAt;
    const { held, revision } = known ?? {};
    return {
      name,
      state: stateOf(told),
      ...(since === undefined ? {} : { since }),
      ...(cause === undefined ? {} : { cause }),
      ...(held === undefined ? {} : { held }),
      ...(revision === undefined ? {} : { revision }),
      ...(this.#endpoints === undefined ? {} : { endpoints: this.#endpoints }),
    };
  }

  /** The watch publishes `state`: a snapshot, or that it could not ask. */
  tell(state: State<unknown>, endpoints?: number): void {
    if (state.tag === "pending") return;
    const before = this.#told;
    const after = merged(before, state, Object.is, this.#events);
    const trouble = troubleOf(after);
    this.#told = after;
    if (trouble === undefined || endpoints !== undefined) this.#endpoints = endpoints;
    if (trouble === undefined) {
      const isDated = after.tag === "ok" && after.confirmedAt !== undefined;
      this.#since = isDated ? undefined : this.#events.wall();
      this.#events.updated();
      this.#events.recovered(this);
    } else {
      if (troubleOf(before) === undefined) this.#since = this.#events.wall();
      this.#events.troubled(this, trouble);
    }
  }

  /** A full re-list of this name found `entries` that differ from what its watch had said; they are right again. */
  repaired(entries: number): void {
    this.#events.repaired(entries);
  }

  /** All entries of this name that the newest answer has and that cannot be read: each is counted and told once. */
  refused(refusals: Refusals): void {
    if (refusals.size > 0) this.#refused ??= this.#events.refusedOf(this.name);
    this.#refused?.replace(refusals);
  }

  [Symbol.dispose](): void {
    this.#events.closed(this);
  }
}

/** Why what was told is not confirmed. */
function troubleOf(told: State<unknown>): Error | undefined {
  if (told.tag === "failed") return told.cause;
  return told.tag === "ok" ? told.stale?.cause : undefined;
}

function stateOf(told: State<unknown>): WatchView["state"] {
  if (told.tag !== "ok") return told.tag;
  if (told.stale) return "stale";
  return told.held ? "held" : "ok";
}
