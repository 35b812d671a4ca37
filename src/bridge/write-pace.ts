/** So many writes a second: who has to write a lot at once pays for it afterwards. */
import { type Clock, sleep } from "../base/time.ts";

export class WritePace {
  readonly #clock: Clock;
  readonly #perSecond: number;
  /** When everything that was spent is paid for. */
  #paidAt = -Infinity;

  constructor(clock: Clock, perSecond: number) {
    this.#clock = clock;
    this.#perSecond = perSecond;
  }

  /** How long until all that was spent is paid for; 0 when it is. */
  get waitMs(): number {
    return Math.max(0, this.#paidAt - this.#clock.now());
  }

  async ready(signal: AbortSignal): Promise<void> {
    signal.throwIfAborted();
    while (this.waitMs > 0) await sleep(this.#clock, this.waitMs, signal);
  }

  spend(writes: number): void {
    const now = this.#clock.now();
    this.#paidAt = Math.max(now, this.#paidAt) + (writes * 1000) / this.#perSecond;
  }
}
