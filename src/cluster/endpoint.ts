/** One replica: its address and, once it was called, what that takes. Lives as long as the address is in the set. */
import { type Address, addressKey } from "../base/address.ts";
import type { EndpointHealth } from "../base/health.ts";
import type { Exchange, Responder } from "../http/exchange.ts";
import type { Status } from "../http/transport.ts";
import type { AccrualCounts, AccrualEvent } from "./accrual.ts";
import type { Candidate, Load } from "./balancer.ts";
import type { EndpointView } from "./cluster-view.ts";
import { Equipment, type EquipmentHost, type EquipmentKit, type Past } from "./equipment.ts";

/** What is shown of the accrual of an endpoint that was never called. */
const UNCALLED = { state: "alive", removals: 0, revivals: 0, probes: 0, outUntil: undefined } as const;

/** The cluster of an endpoint: attempts answer to it. */
export interface EndpointHost extends Responder, AccrualCounts {
  readonly kit: EquipmentKit;
  newLoad(now: number, endpoint: Endpoint): Load;
  /** Of active checks, where there are such. */
  healthOf(endpoint: Endpoint): EndpointHealth | undefined;
  statusChanged(endpoint: Endpoint, before: Status): void;
  connectFailed(endpoint: Endpoint): void;
}

/** What all endpoints share that came with one set: a large registry has many, and few of them are ever called. */
export interface Arrival {
  readonly host: EndpointHost;
  readonly at: number;
  /** Of an endpoint that was never called. */
  readonly load: Load;
  /** Of one that was, and rests. */
  readonly past?: Past;
}

export class Endpoint implements Candidate, EquipmentHost {
  address: Address;
  status: Status = "open";
  #arrival: Arrival;
  #equipment: Equipment | undefined;

  constructor(address: Address, arrival: Arrival) {
    this.address = address;
    this.#arrival = arrival;
  }

  get key(): string {
    return addressKey(this.address);
  }
  get cluster(): Responder {
    return this.#arrival.host;
  }
  get bornAt(): number {
    return this.#arrival.at;
  }
  get load(): Load {
    return this.#equipment === undefined ? this.#arrival.load : this.#equipment.load;
  }
  /** Exchanges that it has now, those that wait for a connection included. */
  get outstanding(): number {
    return this.#equipment?.outstanding ?? 0;
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
    return this.#equipment?.lost ?? false;
  }

  /** Why it is not open, in a few words: of what has gone on for longest, until when, or what was said last. */
  get reason(): string | undefined {
    if (this.status !== "busy") return this.status === "closed" ? "removed" : undefined;
    const reason = this.#equipment?.reason;
    if (reason !== undefined) return reason;
    const health = this.#arrival.host.healthOf(this);
    return health?.isHealthy === false ? `fails its health checks: ${health.answer}` : undefined;
  }

  /** By what it is out, while it is. */
  get outBy(): "connects" | "accrual" | "checks" | undefined {
    if (this.status !== "busy") return undefined;
    if (this.#equipment?.isUnreachable) return "connects";
    return this.#equipment?.isBusy ? "accrual" : "checks";
  }

  /** Whether it was taken out for its answers, and a request may test it or does. */
  get isProbed(): boolean {
    const state = this.#equipment?.accrual.state;
    return state === "probe-open" || state === "probe-closed";
  }

  /** Whether it was ever called. */
  get wasCalled(): boolean {
    return this.#equipment !== undefined || this.#arrival.past !== undefined;
  }

  /** Whether nothing is under way, and nothing is known of it that the next request would have to know. */
  get canRest(): boolean {
    return this.status === "open" && (this.#equipment?.canRest ?? true);
  }

  /** Lets go of what it takes to be called, until it is. */
  rest(): void {
    if (this.#equipment === undefined) return;
    // What is spread takes another object for what is added.
    const { host, at, load } = this.#arrival;
    this.#arrival = { host, at, load, past: this.#equipment.past };
    this.#equipment = undefined;
  }

  dispatch(x: Exchange, now: number): void {
    const { host, at, past } = this.#arrival;
    let equipment = this.#equipment;
    if (equipment === undefined) {
      equipment = new Equipment(host.kit, host.newLoad(at, this), at, this, past);
      this.#equipment = equipment;
      // Called although it has left: the pool refuses what comes.
      if (this.status === "closed") void equipment.drain(0);
    }
    x.values[host.kit.slots.endpoint] = this;
    equipment.dispatch(x, now);
  }

  closeIdle(): void {
    this.#equipment?.pool.closeIdle();
  }

  /** Of its equipment. */
  connectFailed(): void {
    this.#arrival.host.connectFailed(this);
  }

  /** Of its equipment. */
  counted(event: AccrualEvent, by: number): void {
    this.#arrival.host.counted(event, by);
  }

  /** Of its equipment, and of active checks. */
  changed(): void {
    if (this.status === "closed") return;
    const before = this.status;
    const isOut = this.#equipment?.isBusy === true || this.#arrival.host.healthOf(this)?.isHealthy === false;
    this.status = isOut ? "busy" : "open";
    if (this.status !== before) this.#arrival.host.statusChanged(this, before);
  }

  /**
   * Takes no new exchange, waits for those in flight for `drainMs` at most, then closes every connection. Called again
   * it can only bring the end nearer. `undefined` where there is nothing to wait for: it was never called.
   */
  drain(drainMs: number): Promise<void> | undefined {
    this.status = "closed";
    return this.#equipment?.drain(drainMs);
  }

  /** `share`: as its balancer has it. */
  view(now: number, share = 1): EndpointView {
    const { status, reason } = this;
    const { requests = 0, failures = 0, latencyMs = 0 } = this.#equipment ?? this.#arrival.past ?? {};
    const { state, removals, revivals, probes, outUntil } = this.#equipment?.accrual ?? UNCALLED;
    const health = this.#arrival.host.healthOf(this);
    const out = outUntil === undefined ? {} : { outForMs: Math.max(0, outUntil - now) };
    return {
      address: this.key,
      weight: this.address.weight,
      ...(this.address.meta ? { meta: this.address.meta } : {}),
      status,
      ...(reason === undefined ? {} : { reason }),
      ...(share === 1 ? {} : { share }),
      load: this.load.cost(now),
      pending: this.outstanding,
      waiting: this.waiting,
      connections: { open: this.connections, idle: this.idleConnections },
      accrual: { state, removals, revivals, probes, ...out },
      ...(health === undefined ? {} : { health }),
      requests,
      failures,
      latencyMs,
    };
  }
}
