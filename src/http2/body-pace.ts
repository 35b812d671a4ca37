/** Whether the bytes of a stream move: what comes drop by drop is not waited for without end. */
import type { Http2Settings } from "./settings.ts";

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

  /** Whether too little has moved for too long on `stream`; `waits` tells whether anything should. */
  isTooSlow(now: number, { sender, receiver }: Moving, waits: boolean, settings: Http2Settings): boolean {
    const moved = sender.moved + receiver.moved;
    if (!waits || moved - this.#from >= settings.bodyBytes) {
      this.#since = now;
      this.#from = moved;
    }
    return now - this.#since >= settings.bodyTimeoutMs;
  }
}
