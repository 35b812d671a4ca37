/** A checker that is opened with the first check. */
import type { Address } from "../../base/address.ts";
import type { Checker, CheckResult } from "./check.ts";

/** Where none can be opened every check is unknown, and `failed` has heard why, once. */
export class LateChecker implements Checker {
  readonly #open: () => Promise<Checker>;
  readonly #failed: (error: unknown) => void;
  #opened: Promise<Checker | undefined> | undefined;

  constructor(open: () => Promise<Checker>, failed: (error: unknown) => void) {
    this.#open = open;
    this.#failed = failed;
  }

  async check(address: Address, signal: AbortSignal): Promise<CheckResult> {
    this.#opened ??= this.#open().catch((error: unknown) => {
      this.#failed(error);
      return undefined;
    });
    const checker = await this.#opened;
    if (checker === undefined || signal.aborted) return { outcome: "unknown", answer: "not checked" };
    return checker.check(address, signal);
  }
}
