/** When a failing endpoint is taken out, and for how long. */

/** One for each endpoint. Times are monotonic ms. */
export interface AccrualPolicy {
  success(now: number): void;
  /** How long the endpoint is taken out, or `undefined` when it stays. */
  failure(now: number): number | undefined;
  /** A probe succeeded: the endpoint is as new. */
  revived(now: number): void;
}

export interface AccrualPolicyFactory {
  create(now: number): AccrualPolicy;
}
