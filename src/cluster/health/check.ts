/** What one active check of an endpoint is asked for, and what comes of it. */
import type { Address } from "../../base/address.ts";

/** How the endpoints of a cluster are checked. */
export interface CheckTimes {
  readonly intervalMs: number;
  readonly timeoutMs: number;
  /** So many failed checks in a row put an endpoint out, and so many that pass bring it back. */
  readonly down: number;
  readonly up: number;
}

/** "unknown": the check could not be made here, which says nothing of the endpoint. */
export interface CheckResult {
  readonly outcome: "passed" | "failed" | "unknown";
  /** In a few words. */
  readonly answer: string;
}

export interface Checker {
  /** Ends within the timeout of the check, or when the signal aborts; never rejects. */
  check(address: Address, signal: AbortSignal): Promise<CheckResult>;
}
