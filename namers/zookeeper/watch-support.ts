/** Whether the servers of a client know persistent watches (3.6 and later): found out once, by one who asks for all. */
import { isZkError } from "./zk-error.ts";

export class WatchSupport {
  #isKnown: boolean | undefined;
  #asking: Promise<unknown> | undefined;

  /** `isKnown`: what is known of it already. */
  constructor(isKnown?: boolean) {
    this.#isKnown = isKnown;
  }

  /**
   * Whether `arm`, which sets such a watch, has done so. An old server closes the connection at the question, with all
   * that is on it; so while nothing is known only one asks, and the others wait for what it finds.
   */
  async use(arm: () => Promise<void>): Promise<boolean> {
    while (this.#isKnown === undefined && this.#asking) await this.#asking.catch(() => undefined);
    if (this.#isKnown === false) return false;
    const asking = arm();
    if (this.#isKnown === undefined) this.#asking = asking;
    try {
      await asking;
      this.#isKnown = true;
      return true;
    } catch (error) {
      if (!isZkError(error, "UNIMPLEMENTED")) throw error;
      this.#isKnown = false;
      return false;
    } finally {
      if (this.#asking === asking) this.#asking = undefined;
    }
  }
}
