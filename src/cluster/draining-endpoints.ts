/** The endpoints that have left a cluster's set and still carry exchanges. */
import type { Endpoint } from "./endpoint.ts";

export class DrainingEndpoints {
  readonly #ends = new Map<Endpoint, Promise<void>>();

  get size(): number {
    return this.#ends.size;
  }

  /** `end` is when nothing of it is left. */
  add(endpoint: Endpoint, end: Promise<void>): void {
    this.#ends.set(
      endpoint,
      end.finally(() => this.#ends.delete(endpoint)),
    );
  }

  /** Gives none of them longer than that; resolves when all are gone. */
  async hurry(drainMs: number): Promise<void> {
    for (const endpoint of this.#ends.keys()) void endpoint.drain(drainMs);
    await Promise.all(this.#ends.values());
  }
}
