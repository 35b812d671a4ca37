/** What active checks say of endpoints: plain data, which crosses threads as it is, and where it comes from. */
import type { Address } from "./address.ts";

export interface EndpointHealth {
  readonly isHealthy: boolean;
  /** What the last check that came to anything met, in a few words: `200`, `ECONNREFUSED`. */
  readonly answer: string;
  /** Epoch ms since when it is the one or the other. */
  readonly since: number;
}

/** By `host:port`. Of an endpoint that is not in it nothing is known: what was known before goes on. */
export type HealthReport = ReadonlyMap<string, EndpointHealth>;

/** Whose endpoints are checked. */
export interface HealthSubject {
  /** By which the router's stack is known, and the router's label. */
  readonly stack: string;
  readonly router: string;
  /** The bound id. */
  readonly id: string;
}

/** Endpoints are checked while somebody follows them here; whoever opened it disposes of it. */
export interface HealthWatch extends Disposable {
  /** These are the endpoints from now on. */
  follow(addresses: readonly Address[]): void;
}

/** One for a host, however many workers it has. */
export interface HealthSource {
  /** `hear` is told everything that is known whenever it follows something, and whenever some of it changes. */
  watch(subject: HealthSubject, hear: (report: HealthReport) => void): HealthWatch;
}
