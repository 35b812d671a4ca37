/** What one daemon has to an API server, so that a test can end that daemon, or have its leases run out. */
import type { ApiAccess, OpenAccess } from "../../namers/kubernetes/api-access.ts";
import type { LeaseTimes } from "../../namers/kubernetes/lease-candidate.ts";
import { quietFor } from "../../src/testing/eventually.ts";

/** As usual, and ten times as fast. */
export const QUICK_LEASE: LeaseTimes = { durationMs: 2_000, deadlineMs: 1_000, renewMs: 200, retryMs: 100 };

export class Lifeline {
  readonly #open: OpenAccess;
  #isDead = false;
  #losesLeases = false;

  constructor(open: OpenAccess) {
    this.#open = open;
  }

  /** Of the daemon. */
  readonly open: OpenAccess = () => {
    const inner = this.#open();
    return {
      get shown() {
        return inner.shown;
      },
      get namespace() {
        return inner.namespace;
      },
      get isProbed() {
        return inner.isProbed;
      },
      request: (request) => {
        if (this.#isDead) return Promise.reject(new Error("the daemon is dead"));
        if (this.#losesLeases && request.path.includes("/leases"))
          return Promise.reject(new Error("the lease is lost"));
        return inner.request(request);
      },
      [Symbol.asyncDispose]: () => inner[Symbol.asyncDispose](),
    } satisfies ApiAccess;
  };

  /** It says nothing any more. */
  die(): void {
    this.#isDead = true;
  }

  /** Nothing of its leases arrives for as long as they last. */
  async loseLeases(): Promise<void> {
    this.#losesLeases = true;
    await quietFor(QUICK_LEASE.durationMs + 500);
    this.#losesLeases = false;
  }
}
