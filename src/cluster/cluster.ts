/** Everything kept for one bound id: its endpoints, who waits for the first of them, and the choice among them. */
import { addressKey, AddressSet } from "../base/address.ts";
import { failures, unavailable } from "../base/failure.ts";
import { Following } from "../base/following.ts";
import type { EndpointHealth } from "../base/health.ts";
import { pending, type State, type Var } from "../base/var.ts";
import type { Exchange, Responder, Service } from "../http/exchange.ts";
import { fail } from "../http/filter.ts";
import type { Status } from "../http/transport.ts";
import type { AccrualEvent } from "./accrual.ts";
import type { Balancer, Load } from "./balancer.ts";
import type { ClusterKit } from "./cluster-kit.ts";
import type { ClusterCounts } from "./cluster-series.ts";
import { type ClusterView, stateView } from "./cluster-view.ts";
import { DrainingEndpoints } from "./draining-endpoints.ts";
import type { Endpoint } from "./endpoint.ts";
import { askFor } from "./filters/rewrite-host.ts";
import { EndpointChecks, type WatchHealth } from "./endpoint-checks.ts";
import { Endpoints, type EndpointsHost } from "./endpoints.ts";
import type { Rests } from "./rests.ts";
import { untried } from "./untried.ts";
import { WaitLine } from "./wait-line.ts";

export interface ClusterParts {
  readonly id: string;
  readonly balancer: Balancer;
  readonly counts?: ClusterCounts;
  /** Where endpoints are checked beside the requests. */
  readonly watchHealth?: WatchHealth;
}

/** The last Service of the cluster tier; set `prev`, then `start` it. Whoever made it closes it. */
export class Cluster implements Service, EndpointsHost, AsyncDisposable {
  readonly id: string;
  /** Where exchanges that end here answer to. */
  prev!: Responder;
  readonly kit: ClusterKit;
  readonly addresses = new Following<AddressSet>(this);
  readonly balancer: Balancer;
  readonly #counts: ClusterCounts | undefined;
  readonly #checks: EndpointChecks | undefined;
  /** There while somebody waits for the first set. */
  #line: WaitLine | undefined;
  /** There when endpoints have drained. */
  #draining: DrainingEndpoints | undefined;
  #state: State<AddressSet> = pending;
  #set: AddressSet | undefined;
  readonly #endpoints = new Endpoints(this);
  #version = 0;
  #unreachableToldAt = 0;
  #goneAt = 0;
  #closed = false;

  constructor({ id, balancer, counts, watchHealth }: ClusterParts, kit: ClusterKit) {
    this.id = id;
    this.kit = kit;
    this.balancer = balancer;
    this.#counts = counts;
    // Of tens of thousands without checks, none keeps a function for them.
    if (watchHealth === undefined) return;
    this.#checks = new EndpointChecks(watchHealth, () => this.#endpoints.all.forEach((endpoint) => endpoint.changed()));
  }

  /** Begins to follow the addresses. */
  start(addresses: Var<AddressSet>): void {
    this.kit.log.info("cluster.opened", { cluster: this.id });
    this.addresses.follow(addresses);
  }

  /** Open where an endpoint is; busy where there are some, or nobody knows yet; closed where there are none. */
  get status(): Status {
    if (this.#endpoints.open > 0) return "open";
    return this.#endpoints.size > 0 || this.#state.tag === "pending" ? "busy" : "closed";
  }

  /** Whether its registry had lost these endpoints, and none of them accepts connections: the name is being bound anew. */
  get isGone(): boolean {
    return this.#goneAt > 0 && this.#goneAt === this.#version;
  }

  /** What is checked stays awake. */
  get rests(): Rests | undefined {
    return this.#checks === undefined ? this.kit.rests : undefined;
  }

  /** None while it rests. */
  get endpoints(): readonly Endpoint[] {
    return this.#endpoints.all;
  }

  /** How many endpoints are open. */
  get open(): number {
    return this.#endpoints.open;
  }

  /** Of the set as a whole, such as `authority`. */
  get meta(): Readonly<Record<string, string>> {
    return this.#set?.meta ?? {};
  }

  /** Exchanges here now, parked ones included. */
  get outstanding(): number {
    return this.endpoints.reduce((sum, endpoint) => sum + endpoint.outstanding, this.parked);
  }

  /** Exchanges that wait for the first set of addresses. */
  get parked(): number {
    return this.#line?.size ?? 0;
  }

  dispatch(x: Exchange): void {
    const now = this.kit.clock.now();
    const picked = this.#endpoints.all.length === 0 ? undefined : this.balancer.pick(x, now);
    if (picked === undefined) return this.#unready(x, now);
    this.#endpoints.wereCalled = true;
    askFor(this.meta["authority"], x, this.kit.slots);
    if (x.values[this.kit.slots.endpoint] === undefined) (picked as Endpoint).dispatch(x, now);
    else this.#again(x, picked as Endpoint, now).dispatch(x, now);
  }

  respond(x: Exchange): void {
    this.prev.respond(x);
  }

  finish(x: Exchange): void {
    this.prev.finish(x);
  }

  counted(event: AccrualEvent, by: number): void {
    this.#counts?.counted(event, by);
  }

  healthOf(endpoint: Endpoint): EndpointHealth | undefined {
    return this.#checks?.of(endpoint.key);
  }

  statusChanged(endpoint: Endpoint, before: Status): void {
    this.#endpoints.statusChanged(endpoint, before);
    this.balancer.statusChanged?.();
    // It was told of when it was taken out; the next news is whether it is well again.
    if (endpoint.isProbed) return;
    const fields = { cluster: this.id, endpoint: endpoint.key, reason: endpoint.reason };
    if (endpoint.status === "busy") this.kit.log.warn("endpoint.ejected", fields);
    else if (endpoint.status === "open") this.kit.log.info("endpoint.readmitted", fields);
  }

  connectFailed(): void {
    this.balancer.statusChanged?.();
    const { onUnreachable } = this.kit;
    if (onUnreachable === undefined || this.#unreachableToldAt === this.#version) return;
    if (!this.endpoints.every((endpoint) => endpoint.lost)) return;
    this.#unreachableToldAt = this.#version;
    const version = this.#version;
    if (onUnreachable(this.id)) this.#goneAt = version;
  }

  view(): ClusterView {
    const now = this.kit.clock.now();
    this.#endpoints.wake(now);
    const { offered = "all" } = this.balancer;
    const shareOf = this.balancer.shares?.(now) ?? (() => 1);
    return {
      id: this.id,
      status: this.status,
      ...(offered === "all" ? {} : { offered }),
      addresses: stateView(this.#state),
      version: this.#version,
      parked: this.parked,
      draining: this.#draining?.size ?? 0,
      endpoints: this.endpoints.map((endpoint) => endpoint.view(now, shareOf(endpoint))),
    };
  }

  /** Takes nothing more; what is in flight may end within `drainMs`. Nothing of the cluster is left afterwards. */
  async close(drainMs = this.kit.drainMs): Promise<void> {
    this.#closed = true;
    this.addresses[Symbol.dispose]();
    this.#checks?.[Symbol.dispose]();
    this.#line?.failAll(failures["name.unavailable"]);
    this.#replace(AddressSet.empty, drainMs);
    await this.#draining?.hurry(drainMs);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close();
  }

  #unready(x: Exchange, now: number): void {
    if (this.#endpoints.wake(now)) return this.dispatch(x);
    if (this.#closed) return fail(this, x, failures["name.unavailable"]);
    if (this.#state.tag === "failed") return fail(this, x, unavailable(this.id, this.#state.cause));
    if (this.#state.tag === "ok") return fail(this, x, failures["cluster.empty"]);
    const { clock, maxPending: capacity, bindingTimeoutMs: waitMs } = this.kit;
    this.#line ??= new WaitLine({ clock, capacity, waitMs, late: failures["name.timeout"] }, this);
    if (!this.#line.park(x)) fail(this, x, failures["cluster.overloaded"]);
  }

  newLoad(now: number, endpoint?: Endpoint): Load {
    return this.balancer.newLoad(now, endpoint);
  }

  #again(x: Exchange, drawn: Endpoint, now: number): Endpoint {
    const { slots, random } = this.kit;
    const tried = (x.values[slots.tried] as Endpoint[] | undefined) ?? [];
    tried.push(x.values[slots.endpoint] as Endpoint);
    x.values[slots.tried] = tried;
    return untried(tried, drawn, () => this.balancer.pick(x, now) as Endpoint, this.endpoints, random);
  }

  /** Of its addresses. */
  hear(state: State<AddressSet>): void {
    this.#state = state;
    this.#goneAt = 0;
    // Endpoints that died before they were lost are to be told of again.
    if (state.tag === "ok" && state.held !== undefined) this.#unreachableToldAt = 0;
    if (state.tag === "failed") this.#line?.failAll(unavailable(this.id, state.cause));
    if (state.tag !== "ok" || state.value === this.#set) return;
    this.#set = state.value;
    this.#version++;
    this.#replace(state.value, this.kit.drainMs);
    const line = this.#line;
    for (let left = line?.size ?? 0; left > 0; left--) {
      const x = line?.take();
      if (x) this.dispatch(x);
    }
    if (line?.size === 0) this.#line = undefined;
  }

  #replace(set: AddressSet, drainMs: number): void {
    const before = this.#endpoints.size;
    let added = 0;
    this.#endpoints.replace(set, this.kit.clock.now(), {
      added: (address) => {
        added++;
        this.kit.log.debug("endpoint.added", { cluster: this.id, endpoint: addressKey(address) });
      },
      removed: (endpoint) => this.#drain(endpoint, drainMs),
    });
    this.#counts?.replaced(added, before + added - this.#endpoints.size);
    if (!this.#closed) this.#checks?.follow(set.addresses);
  }

  #drain(endpoint: Endpoint, drainMs: number): void {
    const end = endpoint.drain(drainMs);
    if (end === undefined) return;
    this.#draining ??= new DrainingEndpoints();
    this.#draining.add(endpoint, end);
  }
}
