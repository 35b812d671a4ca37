/** Failure accrual of one endpoint: takes it out when its policy says so, and lets one request test it. */
import type { Clock } from "../base/time.ts";
import type { AccrualPolicy } from "./accrual-policy.ts";

/**
 * alive: in use. dead: taken out until the timer fires, which is at `until`. probe-open: the next request will be the
 * probe. probe-closed: the probe is under way, and nobody else should come. closed: the endpoint left the set; nothing
 * moves.
 */
type State =
  | { readonly tag: "alive" }
  | { readonly tag: "dead"; readonly until: number; readonly timer: Disposable }
  | { readonly tag: "probe-open" }
  | { readonly tag: "probe-closed" }
  | { readonly tag: "closed" };

const alive: State = { tag: "alive" };
const probeOpen: State = { tag: "probe-open" };
const probeClosed: State = { tag: "probe-closed" };
const closed: State = { tag: "closed" };

/** So long after its head the end of a probe's answer is waited for, before another request may test the endpoint. */
const PATIENCE_MS = 1_000;

/** With each removal, and each probe that failed, comes for how many seconds the endpoint is out. */
export type AccrualEvent = "removals" | "revivals" | "probes" | "outSeconds";

export interface AccrualCounts {
  /** Called for each of them. */
  counted(event: AccrualEvent, by: number): void;
}

export interface AccrualHost extends AccrualCounts {
  /** Called when `status` may be another. */
  changed(): void;
}

/** One request to the endpoint: told apart from others, and nothing else. */
export type Attempt = object;

/**
 * Busy only steers the balancer: a request that is sent here nevertheless is sent. While the probe is under way what
 * others tell of failures is ignored, since a second probe must not begin before the first is over; a success is a success.
 */
export class Accrual implements Disposable {
  readonly #policy: AccrualPolicy;
  readonly #clock: Clock;
  readonly #host: AccrualHost;
  #state: State = alive;
  #probe: Attempt | undefined;
  /** There while the probe is answered, and not over. */
  #patience: Disposable | undefined;
  removals = 0;
  revivals = 0;
  probes = 0;
  removedForMs = 0;

  constructor(policy: AccrualPolicy, clock: Clock, host: AccrualHost) {
    this.#policy = policy;
    this.#clock = clock;
    this.#host = host;
  }

  get status(): "open" | "busy" {
    return this.#state.tag === "alive" || this.#state.tag === "probe-open" ? "open" : "busy";
  }

  get state(): State["tag"] {
    return this.#state.tag;
  }

  /** Monotonic ms until when it is taken out, while it is; then a request may probe it. */
  get outUntil(): number | undefined {
    return this.#state.tag === "dead" ? this.#state.until : undefined;
  }

  /** A request was sent to the endpoint. One of the others follows for it, at the latest when it is over. */
  started(attempt: Attempt): void {
    if (this.#state !== probeOpen) return;
    this.probes++;
    this.#host.counted("probes", 1);
    this.#probe = attempt;
    this.#become(probeClosed);
  }

  /**
   * The attempt has the head of its answer, and only its end will tell how it went. Of a stream that may be hours from
   * now, in which Linkerd kept the endpoint out.
   */
  answered(attempt: Attempt): void {
    if (this.#isProbe(attempt)) this.#patience ??= this.#clock.timer(PATIENCE_MS, () => this.#become(probeOpen));
  }

  succeeded(now: number): void {
    if (this.#state === probeClosed) {
      this.revivals++;
      this.#host.counted("revivals", 1);
      this.#policy.revived(now);
      this.#become(alive);
    }
    this.#policy.success(now);
  }

  failed(now: number, attempt: Attempt): void {
    if (this.#state !== alive && !this.#isProbe(attempt)) return;
    const outForMs = this.#policy.failure(now);
    if (outForMs !== undefined) this.#remove(outForMs, now);
    else if (this.#state === probeClosed) this.#become(probeOpen);
  }

  /** An attempt ended without telling anything of the endpoint. */
  ignored(attempt: Attempt): void {
    if (this.#isProbe(attempt)) this.#become(probeOpen);
  }

  #isProbe(attempt: Attempt): boolean {
    return this.#state === probeClosed && this.#probe === attempt;
  }

  #remove(outForMs: number, now: number): void {
    if (this.#state === alive) {
      this.removals++;
      this.#host.counted("removals", 1);
    }
    this.removedForMs += outForMs;
    this.#host.counted("outSeconds", outForMs / 1000);
    const timer = this.#clock.timer(outForMs, () => this.#become(probeOpen));
    this.#become({ tag: "dead", until: now + outForMs, timer });
  }

  #become(state: State): void {
    this.#state = state;
    if (state !== probeClosed) this.#probe = undefined;
    this.#endPatience();
    this.#host.changed();
  }

  #endPatience(): void {
    this.#patience?.[Symbol.dispose]();
    this.#patience = undefined;
  }

  [Symbol.dispose](): void {
    if (this.#state.tag === "dead") this.#state.timer[Symbol.dispose]();
    this.#state = closed;
    this.#probe = undefined;
    this.#endPatience();
  }
}
