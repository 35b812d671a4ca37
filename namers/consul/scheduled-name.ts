/** What the schedule knows of one name. */
import type { Backoff, BlockingIndex, Clock, Random } from "linkspan/plugin";
import type { AgentAnswer } from "./agent.ts";
import type { Followed } from "./followed.ts";

const WATCH_AGAIN_MIN_MS = 1_000;
const WATCH_AGAIN_MAX_MS = 60_000;

export class ScheduledName {
  readonly followed: Followed;
  /** Between reads that fail. */
  readonly backoff: Backoff;
  /** Grows with each name that is asked for. */
  askedAt: number;
  index: BlockingIndex | undefined;
  #watch: object | undefined;
  isReading = false;
  /** To be read again when the read that is under way has ended. */
  isDirty = false;
  /** Whether an answer was taken. */
  wasRead = false;
  isClosed = false;
  /** Monotonic: when the next waiting query may be tried, after one failed. */
  mayBeWatchedAt = 0;
  /** Grows with each answer that was taken and said something else than the one before. */
  epoch = 0;
  #watchFailures = 0;
  #waiting: Disposable | undefined;

  constructor(followed: Followed, askedAt: number, backoff: Backoff) {
    this.followed = followed;
    this.askedAt = askedAt;
    this.backoff = backoff;
  }

  /** Whether a waiting query tells of its changes. */
  get isWatched(): boolean {
    return this.#watch !== undefined;
  }

  /** Returns what says whether this watch is still the name's. */
  beginWatch(): () => boolean {
    const mine = {};
    this.#watch = mine;
    return () => this.#watch === mine;
  }

  leaveWatch(): void {
    this.#watch = undefined;
  }

  /** Returns whether it says something else than the last. Throws when it cannot be read. */
  take(answer: AgentAnswer): boolean {
    const isNews = this.followed.take(answer);
    this.wasRead = true;
    if (isNews) this.epoch++;
    return isNews;
  }

  wait(clock: Clock, ms: number, then: () => void): void {
    this.stopWaiting();
    if (!this.isClosed) this.#waiting = clock.timer(ms, then);
  }

  stopWaiting(): void {
    this.#waiting?.[Symbol.dispose]();
    this.#waiting = undefined;
  }

  watchedWell(): void {
    this.#watchFailures = 0;
  }

  /** In ms, after a waiting query failed. */
  watchBackoff(random: Random): number {
    const most = Math.min(WATCH_AGAIN_MAX_MS, WATCH_AGAIN_MIN_MS * 2 ** Math.min(this.#watchFailures++, 16));
    return most * (0.5 + random.next() / 2);
  }

  close(): void {
    this.isClosed = true;
    this.stopWaiting();
  }
}
