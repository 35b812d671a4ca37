/** When those who follow nodes read them again after a gap: not all of them, and not all hosts, at once. */
import type { Random } from "linkspan/plugin";

/** A server answers some ten thousand reads a second, for all hosts together. */
const EACH_MS = 0.5;
const MOST_MS = 1_500;

export class RelistSpread {
  readonly #random: Random;
  #followers = 0;

  constructor(random: Random) {
    this.#random = random;
  }

  /** One more who will read again, until it leaves, once. */
  enter(): void {
    this.#followers++;
  }

  leave(): void {
    this.#followers--;
  }

  /**
   * How long one of them waits, in ms: the longer, the more there are, and the more nodes it reads itself beside its
   * first; never more than a second and a half.
   */
  delayMs(moreReads = 0): number {
    return this.#random.next() * Math.min(MOST_MS, (this.#followers + moreReads) * EACH_MS);
  }
}
