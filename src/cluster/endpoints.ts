/** The endpoints of a cluster, as its newest set has them. While nobody calls, nothing is kept of those that never were. */
import { type Address, addressKey, AddressSet } from "../base/address.ts";
import { changesBetween } from "../base/list-changes.ts";
import type { Status } from "../http/transport.ts";
import type { Balancer } from "./balancer.ts";
import { type Arrival, Endpoint, type EndpointHost } from "./endpoint.ts";
import type { Awake, Rests } from "./rests.ts";
import { type ChangedEndpoints, survivingEndpoints } from "./surviving-endpoints.ts";

/** Their cluster. */
export interface EndpointsHost extends EndpointHost {
  readonly balancer: Balancer;
  /** Has them rest; without it, they stay awake. */
  readonly rests: Rests | undefined;
  newLoad(now: number, endpoint?: Endpoint): Arrival["load"];
}

/** Hears of each that is new before it is there, and of each that has left. */
export interface EndpointsListener extends Pick<ChangedEndpoints, "removed"> {
  added(address: Address): void;
}

const NONE: readonly Endpoint[] = [];
/** Of more than that, it would take the request that wakes them too long. */
const MOST_RESTING = 100;

export class Endpoints implements Awake {
  /** Empty while they rest. */
  all = NONE;
  /** How many are open; those that rest are. */
  open = 0;
  /** Since the last time that they were to rest. */
  wereCalled = false;
  /** Whether `Rests` has them. */
  #isAsked = false;
  readonly #host: EndpointsHost;
  #set = AddressSet.empty;
  /** While they rest: those that were called once. */
  #resting: readonly Endpoint[] | undefined;

  constructor(host: EndpointsHost) {
    this.#host = host;
  }

  get size(): number {
    return this.#set.size;
  }

  /** Survivors are the same objects: an update changes what an address says, never what was learnt of it. */
  replace(set: AddressSet, at: number, { added, removed }: EndpointsListener): void {
    const resting = this.#resting;
    if (resting !== undefined && canRest(set.size)) return this.#replaceResting(resting, set, { added, removed });
    this.wake(at);
    const { addresses } = set;
    this.#set = set;
    const newEndpoint = this.#maker(at);
    this.all = survivingEndpoints(this.all, addresses, {
      removed,
      added(address) {
        added(address);
        return newEndpoint(address);
      },
    });
    this.open = this.all.filter((endpoint) => endpoint.status === "open").length;
    this.#host.balancer.update(this.all);
    this.#awoke();
  }

  statusChanged({ status }: Endpoint, before: Status): void {
    if (before === "open") this.open--;
    else if (status === "open") this.open++;
  }

  /**
   * Where nobody has called since this was asked last, and nothing is known that the next request would have to know. What
   * was counted of those that were called stays.
   */
  rest(): boolean {
    const { wereCalled } = this;
    this.wereCalled = false;
    if (this.#areFew && (wereCalled || !this.#canRest)) return false;
    this.#isAsked = false;
    if (this.#areFew) this.#rest();
    return true;
  }

  /** Somebody calls, or looks. False where they did not rest. */
  wake(at: number): boolean {
    if (this.#resting === undefined) return false;
    this.all = survivingEndpoints(this.#resting, this.#set.addresses, {
      added: this.#maker(at),
      removed: () => undefined,
    });
    this.#resting = undefined;
    this.#host.balancer.update(this.all);
    this.#awoke();
    return true;
  }

  get #areFew(): boolean {
    return canRest(this.all.length);
  }

  get #canRest(): boolean {
    return (this.#host.balancer.offered ?? "all") === "all" && this.all.every((endpoint) => endpoint.canRest);
  }

  /** Nobody calls them yet: of thousands of services that change, none is made again for that. */
  #replaceResting(resting: readonly Endpoint[], set: AddressSet, { added, removed }: EndpointsListener): void {
    const changes = changesBetween(this.#set.addresses, set.addresses, addressKey, () => true);
    this.#set = set;
    this.open = set.size;
    for (const address of changes.put) added(address);
    const gone = new Set(changes.removed);
    const leave = resting.filter(({ key }) => gone.has(key));
    if (leave.length === 0) return;
    this.#resting = resting.filter(({ key }) => !gone.has(key)).slice();
    for (const endpoint of leave) removed(endpoint);
  }

  #rest(): void {
    // What is filtered has room for more.
    this.#resting = this.all.filter((endpoint) => endpoint.wasCalled).slice();
    for (const endpoint of this.#resting) endpoint.rest();
    this.all = NONE;
    this.#host.balancer.update(NONE);
  }

  #awoke(): void {
    const { rests } = this.#host;
    if (rests === undefined || this.#isAsked || !this.#areFew) return;
    this.#isAsked = true;
    rests.add(this);
  }

  /** All that come at one time share what they have in common. */
  #maker(at: number): ChangedEndpoints["added"] {
    let arrival: Arrival | undefined;
    return (address) => {
      arrival ??= { host: this.#host, at, load: this.#host.newLoad(at) };
      return new Endpoint(address, arrival);
    };
  }
}

const canRest = (count: number): boolean => count > 0 && count <= MOST_RESTING;
