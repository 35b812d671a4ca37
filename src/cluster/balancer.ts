/** Chooses an endpoint, and how expensive one more request to it would be. */
import type { Address } from "../base/address.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Status } from "../http/transport.ts";

/** How expensive one more request to an endpoint would be. Times are monotonic ms. */
export interface Load {
  started(now: number): void;
  ended(now: number, startedAt: number, success: boolean): void;
  cost(now: number): number;
}

/** What a balancer sees of an endpoint: an object that lives as long as the address is in the set. */
export interface Candidate {
  readonly address: Address;
  readonly load: Load;
  readonly status: Status;
  /** Whether the last connect to it failed. */
  readonly lost: boolean;
  /** When it came into the set; monotonic ms. */
  readonly bornAt: number;
  /** Closes those of its connections that carry nothing. */
  closeIdle(): void;
}

/** From 0 to 1. */
export type ShareOf = (endpoint: Candidate) => number;

/** Made once for each cluster; its randomness is given to it when it is made. */
export interface Balancer {
  /** Of `endpoint`, which is about to be called for the first time; without one, what endpoints share until then. */
  newLoad(now: number, endpoint?: Candidate): Load;
  /** The set has changed; survivors are the same objects. */
  update(endpoints: readonly Candidate[]): void;
  /** The endpoint for this exchange, among the open ones where there is one; `undefined` only for an empty set. */
  pick(x: Exchange, now: number): Candidate | undefined;
  /** Among whom it chooses, where that is not always all: those of the own zone, or in panic all that can be connected to. */
  readonly offered?: "zone" | "all" | "panic" | undefined;
  /**
   * For views, of this moment: how much of what it would get an endpoint of the set does get, 0 where it is not among
   * those that are chosen from, less than 1 while it is spared. Without it all get all.
   */
  shares?(now: number): ShareOf;
  /** The status of an endpoint of the set is another, or a connect to one failed. */
  statusChanged?(): void;
}

/** Makes a balancer for each cluster. */
export interface BalancerFactory {
  create(): Balancer;
}
