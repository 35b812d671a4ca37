/** Failure accrual of one endpoint: takes it out when its policy says so, and lets one request test it. */
import type { Clock } from "../base/time.ts";
import type { AccrualPolicy } from "./accrual-policy.ts";

/**
 * alive: in use. dead: taken out until the timer fires. probe-open: the next request will be the probe.
 * probe-closed: the probe is under way, and nobody else should come. closed: the endpoint left the set; nothing moves.
 */
type State =
  | { readonly tag: "alive" }
  | { readonly tag: "dead"; readonly timer: Disposable }
  | { readonly tag: "probe-open" }
  | { readonly tag: "probe-closed" }
  | { readonly tag: "closed" };

const alive: State = { tag: "alive" };
const probeOpen: State = { tag: "probe-open" };
const probeClosed: State = { tag: "probe-closed" };
const closed: State = { tag: "closed" };

export interface AccrualHost {
  /** Called when `status` may be another. */
  changed(): void;
}

/** Busy only steers the balancer: a request that is sent here nevertheless is sent. */
export class Accrual implements Disposable {
  readonly #policy: AccrualPolicy;
  readonly #clock: Clock;
  readonly #host: AccrualHost;
  #state: State = alive;
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

  /** A request was sent to the endpoint. */
  started(): void {
    if (this.#state !== probeOpen) return;
    this.probes++;
    this.#become(probeClosed);
  }

  succeeded(now: number): void {
    if (this.#state === probeClosed) {
      this.revivals++;
      this.#policy.revived(now);
      this.#become(alive);
    }
    this.#policy.success(now);
  }

  failed(now: number): void {
    if (this.#state !== alive && this.#state !== probeClosed) return;
    const outForMs = this.#policy.failure(now);
    if (outForMs !== undefined) this.#remove(outForMs);
    else if (this.#state === probeClosed) this.#become(probeOpen);
  }

  /** An attempt ended without telling anything of the endpoint. */
  ignored(): void {
    if (this.#state === probeClosed) this.#become(probeOpen);
  }

  #remove(outForMs: number): void {
    if (this.#state === alive) this.removals++;
    this.removedForMs += outForMs;
    this.#become({ tag: "dead", timer: this.#clock.timer(outForMs, () => this.#become(probeOpen)) });
  }

  #become(state: State): void {
    this.#state = state;
    this.#host.changed();
  }

  [Symbol.dispose](): void {
    if (this.#state.tag === "dead") this.#state.timer[Symbol.dispose]();
    this.#state = closed;
  }
}
