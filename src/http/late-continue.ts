/** The 100 that a caller awaits before it sends its body, given from here where the endpoint is late with it. */

const NEVER = Number.POSITIVE_INFINITY;

/** One for each exchange of a caller, used for one request after the other. */
export class LateContinue {
  #at = NEVER;
  #wasSaid = false;

  /** For a new request. */
  reset(): void {
    this.#at = NEVER;
    this.#wasSaid = false;
  }

  /** The caller waits; at `at`, in monotonic ms, it has waited long enough. */
  expect(at: number): void {
    this.#at = at;
  }

  /** Nobody waits any more. */
  cease(): void {
    this.#at = NEVER;
  }

  /** Whether to say it now, which is at most once; not where the body or the answer has begun. */
  isDue(now: number, hasBegun: boolean): boolean {
    if (now < this.#at) return false;
    this.#at = NEVER;
    if (hasBegun) return false;
    this.#wasSaid = true;
    return true;
  }

  /** Whether the caller is to hear an interim answer of the endpoint: a 100 only where it had none from here. */
  passes(status: number): boolean {
    if (status !== 100) return true;
    this.#at = NEVER;
    return !this.#wasSaid;
  }
}
