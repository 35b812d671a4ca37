/** One replica: its address, load, accrual and pool. Lives as long as the address is in the set. */
import { type Address, addressKey } from "../base/address.ts";
import type { Classifier } from "../http/classifier.ts";
import type { Exchange, Responder } from "../http/exchange.ts";
import type { Status } from "../http/transport.ts";
import type { Candidate, Load } from "./balancer.ts";
import type { EndpointView } from "./cluster-view.ts";
import { Equipment, type EquipmentOptions } from "./equipment.ts";
import type { PoolHost } from "./pool.ts";
import { Answer, type ClusterSlots, Outcome } from "./slots.ts";

/** How much one more attempt moves the latency that people are shown; the first one sets it. */
const LATENCY_SHARE = 0.1;
/** What is shown of the accrual of an endpoint that was never called. */
const UNCALLED = { state: "alive", removals: 0, revivals: 0 } as const;

export interface EndpointOptions extends EquipmentOptions {
  readonly slots: ClusterSlots;
}

/** The cluster of an endpoint: attempts answer to it. */
export interface EndpointHost extends Responder {
  statusChanged(endpoint: Endpoint, before: Status): void;
  connectFailed(endpoint: Endpoint): void;
}

interface Draining {
  /** Nothing is in flight any more, or time is up. */
  readonly done: () => void;
  readonly closed: Promise<void>;
  dueAt: number;
  timer: Disposable | undefined;
}

export class Endpoint implements Candidate, PoolHost {
  readonly key: string;
  address: Address;
  readonly load: Load;
  status: Status = "open";
  outstanding = 0;
  requests = 0;
  failures = 0;
  latencyMs = 0;
  #isTimed = false;
  readonly #options: EndpointOptions;
  readonly #slots: ClusterSlots;
  readonly #host: EndpointHost;
  readonly #bornAt: number;
  /** Made at the first request. */
  #equipment: Equipment | undefined;
  #draining: Draining | undefined;

  constructor(address: Address, load: Load, options: EndpointOptions, host: EndpointHost) {
    this.key = addressKey(address);
    this.address = address;
    this.load = load;
    this.#options = options;
    this.#slots = options.slots;
    this.#host = host;
    this.#bornAt = options.clock.now();
  }

  get waiting(): number {
    return this.#equipment?.pool.waiting ?? 0;
  }
  get connections(): number {
    return this.#equipment?.pool.open ?? 0;
  }
  get idleConnections(): number {
    return this.#equipment?.pool.idle ?? 0;
  }

  /** Whether the last connect failed. */
  get lost(): boolean {
    return this.#equipment?.reachability.lost ?? false;
  }

  /** Why it is not open, in a few words. */
  get reason(): string | undefined {
    if (this.#draining) return "removed";
    if (this.#equipment?.reachability.status === "busy") return "refuses connections";
    return this.#equipment?.accrual.status === "busy" ? "fails" : undefined;
  }

  dispatch(x: Exchange, now: number): void {
    const slots = this.#slots;
    x.values[slots.endpoint] = this;
    x.numbers[slots.startedAt] = now;
    x.numbers[slots.answer] = Answer.none;
    x.numbers[slots.outcome] = Outcome.unknown;
    this.outstanding++;
    this.requests++;
    this.load.started(now);
    const { accrual, pool } = this.#equipment ?? this.#equip();
    accrual.started();
    pool.dispatch(x);
  }

  respond(x: Exchange): void {
    const now = this.#options.clock.now();
    if (x.failure === undefined) {
      x.numbers[this.#slots.answer] = x.responseBody.length === 0 ? Answer.whole : Answer.body;
      // A connection that carries one exchange answers when it stands, whatever comes later.
      if (x.answeredAt === 0) x.answeredAt = now;
    }
    this.#judge(x, now, "respond");
    this.#host.respond(x);
  }

  /**
   * The attempt is over. Load hears of the time to the answer's first byte, as if the attempt had started later, so
   * that a long download does not look like a slow endpoint; it counts as outstanding until now all the same.
   */
  finish(x: Exchange): void {
    const now = this.#options.clock.now();
    const { numbers } = x;
    const slots = this.#slots;
    if (numbers[slots.outcome] === Outcome.unknown) this.#judge(x, now, "finish");
    const firstByteAt = numbers[slots.answer] === Answer.body ? x.answeredAt : now;
    const tookMs = firstByteAt - (numbers[slots.startedAt] as number);
    const wasFailure = numbers[slots.outcome] === Outcome.failure;
    if (wasFailure) this.failures++;
    this.outstanding--;
    this.latencyMs = this.#isTimed ? this.latencyMs + (tookMs - this.latencyMs) * LATENCY_SHARE : tookMs;
    this.#isTimed = true;
    this.load.ended(now, now - tookMs, !wasFailure);
    this.#equipment?.pool.release(x, now);
    if (this.#draining !== undefined && this.outstanding === 0) this.#draining.done();
    this.#host.finish(x);
  }

  connected(): void {
    this.#equipment?.reachability.connected();
  }

  connectFailed(): void {
    this.#equipment?.reachability.refused();
    this.#host.connectFailed(this);
  }

  /**
   * Takes no new exchange, waits for those in flight for `drainMs` at most, then closes every connection. Called again
   * it can only bring the end nearer.
   */
  drain(drainMs: number): Promise<void> {
    this.#draining ??= this.#startDraining();
    const { dueAt, timer, done } = this.#draining;
    const now = this.#options.clock.now();
    if (now + drainMs < dueAt) {
      timer?.[Symbol.dispose]();
      this.#draining.dueAt = now + drainMs;
      this.#draining.timer = this.#options.clock.timer(drainMs, done);
    }
    if (this.outstanding === 0) done();
    return this.#draining.closed;
  }

  view(now: number): EndpointView {
    const { status, reason, outstanding: pending, requests, failures, latencyMs } = this;
    const { state, removals, revivals } = this.#equipment?.accrual ?? UNCALLED;
    return {
      address: this.key,
      weight: this.address.weight,
      ...(this.address.meta ? { meta: this.address.meta } : {}),
      status,
      ...(reason === undefined ? {} : { reason }),
      load: this.load.cost(now),
      pending,
      waiting: this.waiting,
      connections: { open: this.connections, idle: this.idleConnections },
      accrual: { state, removals, revivals },
      requests,
      failures,
      latencyMs,
    };
  }

  #equip(): Equipment {
    const equipment = new Equipment(this.#options, this.#bornAt, this, () => this.#restate());
    if (this.#draining) {
      equipment.retire();
      void equipment.pool.close();
    }
    this.#equipment = equipment;
    return equipment;
  }

  #startDraining(): Draining {
    const { promise, resolve } = Promise.withResolvers<void>();
    this.status = "closed";
    this.#equipment?.retire();
    const closed = promise.then(() => {
      this.#draining?.timer?.[Symbol.dispose]();
      return this.#equipment?.pool.close();
    });
    return { done: resolve, closed, dueAt: Infinity, timer: undefined };
  }

  #restate(): void {
    const before = this.status;
    this.status = this.#statusNow();
    if (this.status !== before) this.#host.statusChanged(this, before);
  }

  #statusNow(): Status {
    if (this.#draining) return "closed";
    return this.#equipment?.isBusy ? "busy" : "open";
  }

  /** Tells accrual of the attempt, once; at `respond` already where that is enough. */
  #judge(x: Exchange, now: number, at: "respond" | "finish"): void {
    const outcome = this.#outcome(x, at);
    x.numbers[this.#slots.outcome] = outcome;
    const { accrual } = this.#equipment ?? this.#equip();
    if (outcome === Outcome.success) accrual.succeeded(now);
    else if (outcome === Outcome.ignored || this.#judgedByReachability(x)) accrual.ignored();
    else if (outcome === Outcome.failure) accrual.failed(now);
  }

  /** Else failed connects are accrual's. */
  #judgedByReachability(x: Exchange): boolean {
    const code = x.failure?.code;
    return (
      this.#options.connectFailuresToBusy !== Infinity && (code === "connect.failed" || code === "connect.timeout")
    );
  }

  #outcome(x: Exchange, at: "respond" | "finish"): number {
    const { failure } = x;
    if (failure !== undefined) {
      // Time that ran out before anything was sent says nothing of this endpoint, nor does a caller that left.
      const unsaid = failure.code === "total.timeout" && !x.sent;
      return unsaid || failure.flags.has("interrupted") ? Outcome.ignored : Outcome.failure;
    }
    // A caller that left, or gave its call so much time and no more, says nothing of an endpoint that had answered.
    const { broken } = x;
    if (broken !== undefined && (broken.flags.has("interrupted") || broken.flags.has("timeout")))
      return Outcome.ignored;
    // An attempt that was given up before it was answered.
    if (x.numbers[this.#slots.answer] === Answer.none) return Outcome.ignored;
    const classifier = x.values[this.#slots.classifier] as Classifier | undefined;
    if (classifier === undefined) return x.response.status < 500 ? Outcome.success : Outcome.failure;
    const said = classifier.classify(x, at);
    if (said === undefined) return Outcome.unknown;
    return said === "success" ? Outcome.success : Outcome.failure;
  }
}
