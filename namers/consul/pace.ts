/** How long to wait between one answer and the next question, so that no server is asked as fast as it answers. */
import { Backoff, type Clock, type Random } from "linkspan/plugin";

/** Changes of one thing are gathered for so long. */
const GATHER_MS = 100;
/** A query that waited so long was a waiting one. */
const WAITED_MS = 500;
const EMPTY_MIN_MS = 100;
const EMPTY_MAX_MS = 2_000;

/** One a loop. */
export class Pace {
  readonly #clock: Clock;
  readonly #backoff: Backoff;

  constructor(clock: Clock, random: Random) {
    this.#clock = clock;
    this.#backoff = new Backoff(EMPTY_MIN_MS, EMPTY_MAX_MS, random);
  }

  /** In ms, after an answer to what was asked at `askedAt`, monotonic. */
  next(askedAt: number, isNews: boolean): number {
    if (!isNews && this.#clock.now() - askedAt < WAITED_MS) return this.#backoff.next();
    this.#backoff.reset();
    return isNews ? GATHER_MS : 0;
  }
}
