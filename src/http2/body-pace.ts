/** Whether the bytes of a stream move: what comes drop by drop is not waited for without end. */

/** What counts the bytes of both directions. */
export interface Moving {
  readonly sender: { readonly moved: number };
  readonly receiver: { readonly moved: number };
}

/** One a stream. */
export class BodyPace {
  #since = 0;
  #from = 0;

  /** `now` is monotonic ms. */
  restart(now: number): void {
    this.#since = now;
    this.#from = 0;
  }

  /** Whether fewer than `bytes` have moved in the last `ms`, in which something was waited for. */
  isTooSlow(now: number, { sender, receiver }: Moving, waits: boolean, ms: number, bytes: number): boolean {
    const moved = sender.moved + receiver.moved;
    if (!waits || moved - this.#from >= bytes) {
      this.#since = now;
      this.#from = moved;
    }
    return now - this.#since >= ms;
  }
}
