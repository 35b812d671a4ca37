/** Everything kept for one bound id: its endpoints, who waits for the first of them, and the choice among them. */
import { type Address, addressKey, type AddressSet } from "../base/address.ts";
import { type Failure, failure, failures } from "../base/failure.ts";
import { Following } from "../base/following.ts";
import type { Log } from "../base/log.ts";
import type { Clock, Random } from "../base/time.ts";
import { pending, type State, type Var } from "../base/var.ts";
import type { Exchange, Responder, Service } from "../http/exchange.ts";
import { fail } from "../http/filter.ts";
import type { Status, Transport } from "../http/transport.ts";
import type { AccrualPolicyFactory } from "./accrual-policy.ts";
import type { Balancer } from "./balancer.ts";
import { type ClusterView, stateView } from "./cluster-view.ts";
import { Endpoint, type EndpointHost, type EndpointOptions } from "./endpoint.ts";
import type { PoolOptions } from "./pool.ts";
import type { ClusterSlots, Departure } from "./slots.ts";
import { WaitLine } from "./wait-line.ts";

export interface ClusterOptions {
  /** How many exchanges wait for the first set of addresses. */
  readonly maxPending: number;
  /** How long they wait. */
  readonly bindingTimeoutMs: number;
  /** How long exchanges on a removed endpoint may take to end. */
  readonly drainMs: number;
  /** So many connects must fail in a row to make an endpoint busy; `Infinity`: failed connects are accrual's. */
  readonly connectFailuresToBusy: number;
  readonly pool: PoolOptions;
}

export interface ClusterParts {
  readonly id: string;
  readonly addresses: Var<AddressSet>;
  readonly transport: Transport;
  readonly balancer: Balancer;
  readonly accrual: AccrualPolicyFactory;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly slots: ClusterSlots;
  readonly departure?: Departure;
  /** Called when no endpoint accepts connections, once for each set and each news of a hold; says whether there was one. */
  readonly onUnreachable?: () => boolean;
}

/** How often an endpoint is drawn again that this exchange has tried, before an untried one is looked for. */
const REDRAWS = 3;

/** The last Service of the cluster tier; set `prev`, then `start` it. Whoever made it closes it. */
export class Cluster implements Service, EndpointHost, AsyncDisposable {
  readonly id: string;
  /** Where exchanges that end here answer to. */
  prev!: Responder;
  readonly #parts: ClusterParts;
  readonly #options: ClusterOptions;
  readonly #endpointOptions: EndpointOptions;
  readonly #line: WaitLine;
  readonly #draining = new Map<Endpoint, Promise<void>>();
  readonly addresses = new Following<AddressSet>((state) => this.#heard(state));
  #state: State<AddressSet> = pending;
  #set: AddressSet | undefined;
  #endpoints: readonly Endpoint[] = [];
  #open = 0;
  #version = 0;
  #unreachableToldAt = 0;
  #goneAt = 0;
  #closed = false;

  constructor(parts: ClusterParts, options: ClusterOptions) {
    this.id = parts.id;
    this.#parts = parts;
    this.#options = options;
    const { clock, random, slots, transport, accrual } = parts;
    const { maxPending: capacity, bindingTimeoutMs: waitMs, pool, connectFailuresToBusy } = options;
    const poolContext = { transport, clock, slots, departure: parts.departure };
    this.#endpointOptions = { clock, random, slots, pool, poolContext, accrual, connectFailuresToBusy };
    this.#line = new WaitLine({ clock, capacity, waitMs, late: failures["name.timeout"] }, this);
  }

  /** Begins to follow the addresses. */
  start(): void {
    this.#parts.log.info("cluster.opened", { cluster: this.id });
    this.addresses.follow(this.#parts.addresses);
  }

  /** Open where an endpoint is; busy where there are some, or nobody knows yet; closed where there are none. */
  get status(): Status {
    if (this.#open > 0) return "open";
    return this.#endpoints.length > 0 || this.#state.tag === "pending" ? "busy" : "closed";
  }

  /** Whether its registry had lost these endpoints, and none of them accepts connections: the name is being bound anew. */
  get isGone(): boolean {
    return this.#goneAt > 0 && this.#goneAt === this.#version;
  }

  get endpoints(): readonly Endpoint[] {
    return this.#endpoints;
  }

  /** Of the set as a whole, such as `authority`. */
  get meta(): Readonly<Record<string, string>> {
    return this.#set?.meta ?? {};
  }

  /** Exchanges here now, parked ones included. */
  get outstanding(): number {
    return this.#endpoints.reduce((sum, endpoint) => sum + endpoint.outstanding, this.#line.size);
  }

  /** Exchanges that wait for the first set of addresses. */
  get parked(): number {
    return this.#line.size;
  }

  dispatch(x: Exchange): void {
    const { clock, balancer, slots } = this.#parts;
    const now = clock.now();
    const picked = this.#endpoints.length === 0 ? undefined : balancer.pick(x, now);
    if (picked === undefined) return this.#unready(x);
    if (x.values[slots.endpoint] === undefined) (picked as Endpoint).dispatch(x, now);
    else this.#untried(x, picked as Endpoint, now).dispatch(x, now);
  }

  respond(x: Exchange): void {
    this.prev.respond(x);
  }

  finish(x: Exchange): void {
    this.prev.finish(x);
  }

  statusChanged(endpoint: Endpoint, before: Status): void {
    if (before === "open") this.#open--;
    else if (endpoint.status === "open") this.#open++;
    const fields = { cluster: this.id, endpoint: endpoint.key, reason: endpoint.reason };
    if (endpoint.status === "busy") this.#parts.log.warn("endpoint.ejected", fields);
    else if (endpoint.status === "open") this.#parts.log.info("endpoint.readmitted", fields);
  }

  connectFailed(): void {
    const { onUnreachable } = this.#parts;
    if (onUnreachable === undefined || this.#unreachableToldAt === this.#version) return;
    if (!this.#endpoints.every((endpoint) => endpoint.lost)) return;
    this.#unreachableToldAt = this.#version;
    const version = this.#version;
    if (onUnreachable()) this.#goneAt = version;
  }

  view(): ClusterView {
    const now = this.#parts.clock.now();
    return {
      id: this.id,
      status: this.status,
      addresses: stateView(this.#state),
      version: this.#version,
      parked: this.#line.size,
      draining: this.#draining.size,
      endpoints: this.#endpoints.map((endpoint) => endpoint.view(now)),
    };
  }

  /** Takes nothing more; what is in flight may end within `drainMs`. Nothing of the cluster is left afterwards. */
  async close(drainMs = this.#options.drainMs): Promise<void> {
    this.#closed = true;
    this.addresses[Symbol.dispose]();
    this.#line.failAll(failures["name.unavailable"]);
    this.#replace([], drainMs);
    for (const endpoint of this.#draining.keys()) void endpoint.drain(drainMs);
    await Promise.all(this.#draining.values());
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #unready(x: Exchange): void {
    if (this.#closed) return fail(this, x, failures["name.unavailable"]);
    if (this.#state.tag === "failed") return fail(this, x, unavailable(this.id, this.#state.cause));
    if (this.#state.tag === "ok") return fail(this, x, failures["cluster.empty"]);
    if (!this.#line.park(x)) fail(this, x, failures["cluster.overloaded"]);
  }

  /** Another endpoint than those that this exchange was at, where there is an open one. */
  #untried(x: Exchange, drawn: Endpoint, now: number): Endpoint {
    const { slots, balancer, random } = this.#parts;
    const tried = (x.values[slots.tried] as Endpoint[] | undefined) ?? [];
    tried.push(x.values[slots.endpoint] as Endpoint);
    x.values[slots.tried] = tried;
    let picked = drawn;
    for (let draws = 0; tried.includes(picked) && draws < REDRAWS; draws++) {
      picked = balancer.pick(x, now) as Endpoint;
    }
    if (!tried.includes(picked)) return picked;
    const from = Math.floor(random.next() * this.#endpoints.length);
    for (let step = 0; step < this.#endpoints.length; step++) {
      const other = this.#endpoints[(from + step) % this.#endpoints.length] as Endpoint;
      if (other.status === "open" && !tried.includes(other)) return other;
    }
    return drawn;
  }

  #heard(state: State<AddressSet>): void {
    this.#state = state;
    this.#goneAt = 0;
    // Endpoints that died before they were lost are to be told of again.
    if (state.tag === "ok" && state.held !== undefined) this.#unreachableToldAt = 0;
    if (state.tag === "failed") this.#line.failAll(unavailable(this.id, state.cause));
    if (state.tag !== "ok" || state.value === this.#set) return;
    this.#set = state.value;
    this.#version++;
    this.#replace(state.value.addresses, this.#options.drainMs);
    for (let left = this.#line.size; left > 0; left--) {
      const x = this.#line.take();
      if (x) this.dispatch(x);
    }
  }

  /** Survivors are the same objects: an update changes what an address says, never what was learnt of it. */
  #replace(addresses: readonly Address[], drainMs: number): void {
    const before = new Map(this.#endpoints.map((endpoint) => [endpoint.key, endpoint]));
    this.#endpoints = addresses.map((address) => {
      const key = addressKey(address);
      const survivor = before.get(key);
      if (survivor === undefined) return this.#add(address);
      before.delete(key);
      survivor.address = address;
      return survivor;
    });
    for (const gone of before.values()) this.#drain(gone, drainMs);
    this.#open = this.#endpoints.filter((endpoint) => endpoint.status === "open").length;
    this.#parts.balancer.update(this.#endpoints);
  }

  #add(address: Address): Endpoint {
    const { balancer, clock, log } = this.#parts;
    const endpoint = new Endpoint(address, balancer.newLoad(clock.now()), this.#endpointOptions, this);
    log.debug("endpoint.added", { cluster: this.id, endpoint: endpoint.key });
    return endpoint;
  }

  #drain(endpoint: Endpoint, drainMs: number): void {
    const drained = endpoint.drain(drainMs).finally(() => this.#draining.delete(endpoint));
    this.#draining.set(endpoint, drained);
  }
}

function unavailable(id: string, cause: Error): Failure {
  return failure("name.unavailable", `Nothing is known of ${id} yet: ${cause.message}`, cause);
}
