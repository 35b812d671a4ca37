/** How many entries absence may delete in one cycle of a mirror, over all its targets. */
export class DeletionCap {
  readonly #share: number;
  #left = 0;

  /** Of all entries; one may always go. */
  constructor(share: number) {
    this.#share = share;
  }

  /** A cycle begins; what the last one did not use is gone. */
  begin(entries: number): void {
    this.#left = Math.max(1, Math.floor(this.#share * entries));
  }

  /** Whether one more may go in this cycle; counts it. */
  take(): boolean {
    if (this.#left === 0) return false;
    this.#left--;
    return true;
  }
}
