/** What an endpoint takes to be called: counts, load, accrual, reachability and connections. */
import type { Address } from "../base/address.ts";
import type { Random } from "../base/time.ts";
import type { Exchange, Responder } from "../http/exchange.ts";
import type { AccrualPolicyFactory } from "./accrual-policy.ts";
import { Accrual, type AccrualCounts, type AccrualEvent, type AccrualHost } from "./accrual.ts";
import type { Load } from "./balancer.ts";
import { outcomeOf } from "./outcome.ts";
import { Pool, type PoolHost } from "./pool.ts";
import type { PoolKit } from "./pool-kit.ts";
import { Reachability, type ReachabilityHost } from "./reachability.ts";
import { Answer, Outcome } from "./slots.ts";

/** How much one more attempt moves the latency that people are shown; the first one sets it. */
const LATENCY_SHARE = 0.1;

/** What the endpoints of clusters share that are configured alike. */
export interface EquipmentKit extends PoolKit {
  readonly random: Random;
  readonly accrual: AccrualPolicyFactory;
  /** The kind of that policy, for people. */
  readonly accrualKind?: string;
  /** So many connects must fail in a row to make an endpoint busy; `Infinity`: failed connects are accrual's. */
  readonly connectFailuresToBusy: number;
}

/** The endpoint that it belongs to. Attempts answer to its cluster. */
export interface EquipmentHost extends AccrualCounts {
  readonly address: Address;
  readonly cluster: Responder;
  /** `isBusy` may be another. */
  changed(): void;
  connectFailed(): void;
}

/** What people are shown of what it did, when it rests and after that. */
export interface Past {
  readonly requests: number;
  readonly failures: number;
  readonly latencyMs: number;
}

interface Draining {
  /** Nothing is in flight any more, or time is up. */
  readonly done: () => void;
  readonly closed: Promise<void>;
  dueAt: number;
  timer: Disposable | undefined;
}

/** Made at an endpoint's first request, and its first after a rest: most of a large registry's are never called. */
export class Equipment implements PoolHost, AccrualHost, ReachabilityHost {
  outstanding = 0;
  requests = 0;
  failures = 0;
  latencyMs = 0;
  readonly load: Load;
  readonly accrual: Accrual;
  readonly pool: Pool;
  /** Made when a connect fails for the first time. */
  #reachability: Reachability | undefined;
  readonly #kit: EquipmentKit;
  readonly #host: EquipmentHost;
  #isTimed = false;
  #hasFailedLast = false;
  #draining: Draining | undefined;

  /** `bornAt` is when the endpoint came. */
  constructor(kit: EquipmentKit, load: Load, bornAt: number, host: EquipmentHost, past?: Past) {
    this.#kit = kit;
    this.#host = host;
    this.load = load;
    this.accrual = new Accrual(kit.accrual.create(bornAt), kit.clock, this);
    this.pool = new Pool(kit, this);
    if (past === undefined) return;
    this.requests = past.requests;
    this.failures = past.failures;
    this.latencyMs = past.latencyMs;
    this.#isTimed = true;
  }

  get past(): Past {
    const { requests, failures, latencyMs } = this;
    return { requests, failures, latencyMs };
  }

  /** Whether nothing is under way, no connection is open, and the last that is known of it is good. */
  get canRest(): boolean {
    if (this.outstanding > 0 || this.#draining !== undefined || !this.pool.isEmpty) return false;
    return !this.#hasFailedLast && !this.lost && this.accrual.removals === 0;
  }

  get address(): Address {
    return this.#host.address;
  }

  get isBusy(): boolean {
    return this.isUnreachable || this.accrual.status === "busy";
  }

  get isUnreachable(): boolean {
    return this.#reachability?.status === "busy";
  }

  /** Why it is busy, in a few words. */
  get reason(): string | undefined {
    if (this.isUnreachable) return "refuses connections";
    if (this.accrual.status !== "busy") return undefined;
    const { accrualKind } = this.#kit;
    const policy = accrualKind === undefined ? "" : ` (${accrualKind})`;
    const { outUntil } = this.accrual;
    if (outUntil === undefined) return `failed${policy}, a request tests it`;
    return `failed${policy}, out for ${seconds(outUntil - this.#kit.clock.now())} more`;
  }

  /** Whether the last connect failed. */
  get lost(): boolean {
    return this.#reachability?.lost ?? false;
  }

  dispatch(x: Exchange, now: number): void {
    const { slots } = this.#kit;
    x.numbers[slots.startedAt] = now;
    x.numbers[slots.answer] = Answer.none;
    x.numbers[slots.outcome] = Outcome.unknown;
    this.outstanding++;
    this.requests++;
    this.load.started(now);
    this.accrual.started(x);
    this.pool.dispatch(x, now);
  }

  respond(x: Exchange): void {
    const now = this.#kit.clock.now();
    if (x.failure === undefined) {
      x.numbers[this.#kit.slots.answer] = x.responseBody.length === 0 ? Answer.whole : Answer.body;
      // A connection that carries one exchange answers when it stands, whatever comes later.
      if (x.answeredAt === 0) x.answeredAt = now;
    }
    this.#judge(x, now, "respond");
    this.#host.cluster.respond(x);
  }

  /**
   * The attempt is over. Load hears of the time to the answer's first byte, as if the attempt had started later, so
   * that a long download does not look like a slow endpoint; it counts as outstanding until now all the same.
   */
  finish(x: Exchange): void {
    const { slots, clock } = this.#kit;
    const now = clock.now();
    x.endedAt = now;
    const { numbers } = x;
    if (numbers[slots.outcome] === Outcome.unknown) this.#judge(x, now, "finish");
    const firstByteAt = numbers[slots.answer] === Answer.body ? x.answeredAt : now;
    const tookMs = firstByteAt - (numbers[slots.startedAt] as number);
    const wasFailure = numbers[slots.outcome] === Outcome.failure;
    if (wasFailure) this.failures++;
    this.#hasFailedLast = wasFailure;
    this.outstanding--;
    this.latencyMs = this.#isTimed ? this.latencyMs + (tookMs - this.latencyMs) * LATENCY_SHARE : tookMs;
    this.#isTimed = true;
    this.load.ended(now, now - tookMs, !wasFailure);
    this.pool.release(x, now);
    if (this.#draining !== undefined && this.outstanding === 0) this.#draining.done();
    this.#host.cluster.finish(x);
  }

  connected(): void {
    this.#reachability?.connected();
  }

  connectFailed(): void {
    if (this.#draining === undefined) {
      this.#reachability ??= new Reachability(this.#kit, this);
      this.#reachability.refused();
    }
    this.#host.connectFailed();
  }

  /** Of reachability. */
  probe(): void {
    this.pool.probe();
  }

  /** Of reachability and accrual. */
  changed(): void {
    this.#host.changed();
  }

  /** Of accrual. */
  counted(event: AccrualEvent, by: number): void {
    this.#host.counted(event, by);
  }

  /**
   * Nothing is judged or probed any more; what is in flight may end within `drainMs`, then every connection closes.
   * Called again it can only bring the end nearer.
   */
  drain(drainMs: number): Promise<void> {
    this.#draining ??= this.#startDraining();
    const { dueAt, timer, done } = this.#draining;
    const { clock } = this.#kit;
    const now = clock.now();
    if (now + drainMs < dueAt) {
      timer?.[Symbol.dispose]();
      this.#draining.dueAt = now + drainMs;
      this.#draining.timer = clock.timer(drainMs, done);
    }
    if (this.outstanding === 0) done();
    return this.#draining.closed;
  }

  #startDraining(): Draining {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.accrual[Symbol.dispose]();
    this.#reachability?.[Symbol.dispose]();
    const closed = promise.then(() => {
      this.#draining?.timer?.[Symbol.dispose]();
      return this.pool.close();
    });
    return { done: resolve, closed, dueAt: Infinity, timer: undefined };
  }

  /** Tells accrual of the attempt, once; at `respond` already where that is enough. */
  #judge(x: Exchange, now: number, at: "respond" | "finish"): void {
    const { slots } = this.#kit;
    const outcome = outcomeOf(x, at, slots);
    x.numbers[slots.outcome] = outcome;
    if (outcome === Outcome.success) this.accrual.succeeded(now);
    else if (outcome === Outcome.ignored || this.#judgedByReachability(x)) this.accrual.ignored(x);
    else if (outcome === Outcome.failure) this.accrual.failed(now, x);
    else if (at === "respond") this.accrual.answered(x);
  }

  /** Else failed connects are accrual's. */
  #judgedByReachability(x: Exchange): boolean {
    const code = x.failure?.code;
    return this.#kit.connectFailuresToBusy !== Infinity && (code === "connect.failed" || code === "connect.timeout");
  }
}

function seconds(ms: number): string {
  return `${(Math.max(0, ms) / 1_000).toFixed(1)} s`;
}
