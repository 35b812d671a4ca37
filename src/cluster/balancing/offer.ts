/** Which endpoints a balancer is offered: those of the own zone, all, or in panic all that can be connected to as if they were open. */
import type { Address } from "../../base/address.ts";
import type { Log } from "../../base/log.ts";
import type { Exchange } from "../../http/exchange.ts";
import type { Balancer, Candidate, Load, ShareOf } from "../balancer.ts";
import { countOpen } from "./count-open.ts";

/** Where this router runs; unknown until somebody has said. */
export interface Zone {
  readonly name: string | undefined;
}

/** When the endpoints of the own zone are enough. */
export interface Locality {
  /** So many of them must be open. */
  readonly minOpen: number;
  /** And such a share of them. */
  readonly share: number;
}

export interface OfferOptions {
  readonly cluster: string;
  readonly log: Log;
  readonly zone: Zone;
  readonly locality?: Locality | undefined;
  /** With a smaller share of open endpoints than this there is panic. */
  readonly panicThreshold: number;
}

type Offered = NonNullable<Balancer["offered"]>;

const NOBODY: readonly Candidate[] = [];

export class Offer implements Balancer {
  readonly #inner: Balancer;
  readonly #options: OfferOptions;
  #all: readonly Candidate[] = NOBODY;
  #zone: string | undefined;
  /** Those of the own zone. */
  #near: readonly Candidate[] = NOBODY;
  #offered: Offered = "all";
  /** Whether somebody's status has changed since it was decided. */
  #isOld = false;
  /** There when there has been panic. */
  #made: WeakMap<Candidate, Disregarded> | undefined;

  constructor(inner: Balancer, options: OfferOptions) {
    this.#inner = inner;
    this.#options = options;
  }

  get offered(): Offered {
    return this.#offered;
  }

  newLoad(now: number, endpoint?: Candidate): Load {
    return this.#inner.newLoad(now, endpoint);
  }

  update(endpoints: readonly Candidate[]): void {
    this.#all = endpoints;
    this.#locate();
    this.#offer(this.#decide());
  }

  shares(now: number): ShareOf {
    const inner = this.#inner.shares?.(now) ?? (() => 1);
    if (this.#offered === "all") return inner;
    const offered = new Set(this.#offered === "zone" ? this.#near : this.#reachable());
    if (this.#offered === "zone") return (endpoint) => (offered.has(endpoint) ? inner(endpoint) : 0);
    return (endpoint) => (offered.has(endpoint) ? inner(this.#disregarded(endpoint)) : 0);
  }

  statusChanged(): void {
    this.#isOld = true;
    this.#inner.statusChanged?.();
  }

  pick(x: Exchange, now: number): Candidate | undefined {
    if (this.#zone !== this.#options.zone.name) this.#locate();
    if (this.#isOld) this.#review();
    const picked = this.#inner.pick(x, now);
    return this.#offered === "panic" ? (picked as Disregarded | undefined)?.endpoint : picked;
  }

  #locate(): void {
    const { locality, zone } = this.#options;
    this.#zone = zone.name;
    if (locality === undefined || zone.name === undefined) return;
    this.#near = this.#all.filter(({ address }) => address.meta?.["zone"] === zone.name);
    this.#isOld = true;
  }

  #review(): void {
    const decided = this.#decide();
    this.#isOld = false;
    // In panic it matters who can be connected to.
    if (decided !== this.#offered || decided === "panic") this.#offer(decided);
  }

  #decide(): Offered {
    const { locality, panicThreshold } = this.#options;
    if (locality !== undefined && this.#near.length > 0) {
      const open = countOpen(this.#near);
      if (open >= locality.minOpen && open >= locality.share * this.#near.length) return "zone";
    }
    return countOpen(this.#all) < panicThreshold * this.#all.length ? "panic" : "all";
  }

  #offer(offered: Offered): void {
    this.#isOld = false;
    if (offered !== this.#offered) this.#tell(offered);
    this.#offered = offered;
    if (offered === "panic") this.#inner.update(this.#reachable().map((endpoint) => this.#disregarded(endpoint)));
    else this.#inner.update(offered === "zone" ? this.#near : this.#all);
  }

  /** The same object for the same endpoint: balancers may know something of it. */
  #disregarded(endpoint: Candidate): Disregarded {
    this.#made ??= new WeakMap();
    const made = this.#made.get(endpoint) ?? new Disregarded(endpoint);
    this.#made.set(endpoint, made);
    return made;
  }

  /** Those whose last connect did not fail; all where there is none. */
  #reachable(): readonly Candidate[] {
    const reachable = this.#all.filter(({ lost }) => !lost);
    return reachable.length > 0 ? reachable : this.#all;
  }

  #tell(offered: Offered): void {
    const { log, cluster } = this.#options;
    const fields = { cluster, offered, before: this.#offered, open: countOpen(this.#all), of: this.#all.length };
    if (offered === "panic") log.warn("cluster.offered", fields);
    else log.info("cluster.offered", fields);
  }
}

/** An endpoint whose status is disregarded. */
class Disregarded implements Candidate {
  readonly endpoint: Candidate;
  readonly status = "open";
  readonly lost = false;

  constructor(endpoint: Candidate) {
    this.endpoint = endpoint;
  }

  get address(): Address {
    return this.endpoint.address;
  }
  get load(): Load {
    return this.endpoint.load;
  }
  get bornAt(): number {
    return this.endpoint.bornAt;
  }
  closeIdle(): void {
    this.endpoint.closeIdle();
  }
}
