/** How many exchanges a cluster takes at once, learnt from how long it takes to answer: Netflix's Gradient2. */

/** What an `InFlightLimit` goes by. */
export interface Limit {
  readonly most: number;
  /** How many may wait for their turn, if the file allows so many. */
  readonly mostWaiting: number;
  /** An attempt was answered, or timed out, after so long, with so many under way. */
  learn(tookMs: number, underWay: number): void;
}

/** Always as many. */
export class FixedLimit implements Limit {
  readonly most: number;
  readonly mostWaiting = Infinity;

  constructor(most: number) {
    this.most = most;
  }

  learn(): void {
    // It was told how many.
  }
}

const LEAST = 4;
const FIRST = 20;
/** The long average is over about as many answers. */
const WINDOW = 600;
const WARM_UP = 10;
/** Answers may be so much slower than in the long run before the limit shrinks. */
const TOLERANCE = 1.5;
/** How many may be queueing at the endpoints when all is well: what makes it grow. */
const QUEUE = 4;
/** How much of each step is taken. */
const SMOOTHING = 0.2;

/**
 * The gradient is the time of an answer in the long run over its time now: below 1 where endpoints queue. Nothing is
 * learnt while less than half of the limit is used.
 */
export class GradientLimit implements Limit {
  readonly #most: number;
  #limit: number;
  #longMs = 0;
  #samples = 0;

  /** Never above `most`; Infinity for no bound. */
  constructor(most: number) {
    this.#most = most;
    this.#limit = Math.min(FIRST, most);
  }

  get most(): number {
    return Math.floor(this.#limit);
  }

  /** Behind more than are under way a wait would be a long one. */
  get mostWaiting(): number {
    return this.most;
  }

  learn(tookMs: number, underWay: number): void {
    const nowMs = Math.max(tookMs, 0.1);
    this.#average(nowMs);
    // After a long trouble it must not take as long again to notice that it is over.
    if (this.#longMs / nowMs > 2) this.#longMs *= 0.95;
    if (underWay < this.#limit / 2) return;
    const gradient = Math.max(0.5, Math.min(1, (TOLERANCE * this.#longMs) / nowMs));
    const next = this.#limit * (1 - SMOOTHING) + (this.#limit * gradient + QUEUE) * SMOOTHING;
    this.#limit = Math.min(this.#most, Math.max(Math.min(LEAST, this.#most), next));
  }

  #average(ms: number): void {
    this.#samples = Math.min(this.#samples + 1, WINDOW);
    const share = this.#samples <= WARM_UP ? 1 / this.#samples : 2 / (WINDOW + 1);
    this.#longMs += (ms - this.#longMs) * share;
  }
}
