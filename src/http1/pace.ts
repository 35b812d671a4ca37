/** Whether enough bytes move on a connection: what comes drop by drop is not waited for without end. */
export class Pace {
  #since = 0;
  #from = 0;
  /** Whether nobody has looked since `restartLater`. */
  #isDue = false;

  /** `now` is monotonic ms; `moved` counts the bytes of the connection. */
  restart(now: number, moved: number): void {
    this.#isDue = false;
    this.#since = now;
    this.#from = moved;
  }

  /** The time runs from the first look, so that nobody counts for what is over before it. */
  restartLater(): void {
    this.#isDue = true;
  }

  /** Whether fewer than `bytes` have moved in the last `ms`; each time so many have, the time begins anew. */
  isTooSlow(now: number, moved: number, ms: number, bytes: number): boolean {
    if (this.#isDue || moved - this.#from >= bytes) this.restart(now, moved);
    return now - this.#since >= ms;
  }
}
