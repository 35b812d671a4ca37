/** `io.l5d.consecutiveFailures`: out after so many failures in a row. */
import { type AccrualPolicy, definePlugin, s } from "linkspan/plugin";
import { backoffKeys } from "./options.ts";
import { type Waits, waits } from "./backoff.ts";

class ConsecutiveFailures implements AccrualPolicy {
  readonly #limit: number;
  readonly #waits: Waits;
  #failures = 0;

  constructor(limit: number, outFor: Waits) {
    this.#limit = limit;
    this.#waits = outFor;
  }

  success(): void {
    this.#failures = 0;
  }

  failure(): number | undefined {
    this.#failures++;
    return this.#failures >= this.#limit ? this.#waits.next() : undefined;
  }

  revived(): void {
    this.#failures = 0;
    this.#waits.restart();
  }
}

export default definePlugin({
  api: 1,
  family: "accrual",
  kind: "io.l5d.consecutiveFailures",
  schema: s.object({
    failures: s.integer({ doc: "So many failures in a row take an endpoint out.", min: 1 }),
    ...backoffKeys,
  }),
  create: ({ failures, backoff }, { random }) => ({
    create: () => new ConsecutiveFailures(failures, waits(backoff, random)),
  }),
});
