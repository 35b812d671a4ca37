/** Keeps attempts from endpoints that refuse most of what they are sent: Finagle's nack admission control. */
import type { Random } from "../base/time.ts";

/** Over so long the share of attempts that were accepted is averaged. */
const WINDOW_MS = 120_000;
/** With a smaller share some attempts are refused here, */
const LEAST_SHARE = 0.5;
/** but never more than this share of them, and only of so many a second. */
const MOST_REFUSED = 0.75;
const LEAST_PER_SECOND = 5;
/** With a larger share everything is as if nothing had ever been refused. */
const WELL_AGAIN = 0.99;

/** Of one cluster, from its first nack on. Times are monotonic ms. */
export class NackAdmission {
  #share = 1;
  #at: number;
  readonly #rate = new PerSecond();

  constructor(now: number) {
    this.#at = now;
  }

  /** Whether it has nothing to say any more. */
  get isOver(): boolean {
    return this.#share > WELL_AGAIN;
  }

  /** Of an attempt that is about to be sent. */
  refuses(now: number, random: Random): boolean {
    const perSecond = this.#rate.add(now);
    if (this.#share >= LEAST_SHARE || perSecond < LEAST_PER_SECOND) return false;
    return random.next() < Math.min(MOST_REFUSED, 1 - this.#share / LEAST_SHARE);
  }

  /** An attempt was answered: by a nack, or otherwise. */
  answered(now: number, isNack: boolean): void {
    const kept = Math.exp(-Math.max(0, now - this.#at) / WINDOW_MS);
    this.#share = this.#share * kept + (isNack ? 0 : 1 - kept);
    this.#at = now;
  }
}

/** Of what comes one by one. */
class PerSecond {
  #second = -1;
  #now = 0;
  #before = 0;

  /** Says how many there were in the last whole second, or in this one already. */
  add(now: number): number {
    const second = Math.floor(now / 1000);
    if (second !== this.#second) {
      this.#before = second === this.#second + 1 ? this.#now : 0;
      this.#now = 0;
      this.#second = second;
    }
    return Math.max(++this.#now, this.#before);
  }
}
