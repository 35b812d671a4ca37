/** Counts what a peer does that costs it little and us much, against what it has done that is of use. */

/** What is paid for each kind of work for nothing. */
export const cost = Object.freeze({
  /** A stream that the peer opened and broke off, or had us break off (CVE-2023-44487). */
  reset: 10,
  settings: 10,
  goaway: 10,
  ping: 2,
  windowUpdate: 1,
  emptyFrame: 2,
  priority: 1,
  unknownFrame: 1,
  /** A frame of a stream that is closed. */
  lateFrame: 1,
});

/** What work of use pays for. */
const PAID_BY_STREAM = 10;
const PAID_BY_FRAME = 2;

/** So much is free at once, and again after each period: 1,000 resets, or 5,000 PINGs. */
const FREE = 10_000;
const PERIOD_MS = 10_000;

export class FloodGuard {
  /** For the metrics: how often each limit of a connection was passed. */
  spent = 0;
  #left = FREE;
  #refilledAt = 0;

  /** Takes the price of something. False: the peer has used up everything. */
  spend(price: number): boolean {
    this.spent += price;
    this.#left -= price;
    return this.#left >= 0;
  }

  /** A stream was served whole. */
  streamServed(): void {
    this.#left = Math.min(FREE, this.#left + PAID_BY_STREAM);
  }

  /** A frame of a body was sent, which the peer will open windows for, or was received. */
  frameMoved(): void {
    if (this.#left < FREE) this.#left += PAID_BY_FRAME;
  }

  /** `now` is monotonic ms. */
  check(now: number): void {
    if (now - this.#refilledAt < PERIOD_MS) return;
    this.#refilledAt = now;
    this.#left = FREE;
  }
}
