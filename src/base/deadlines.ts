/** Many deadlines with one timeout and one timer: what was added first is due first. */
import type { Clock } from "./time.ts";

/** The place of an item in a queue, which lends it from `add` until the item is removed or expires. */
export class Deadline<T> {
  /** Undefined while nobody waits here. All fields are the queue's own. */
  item: T | undefined;
  dueAt = 0;
  before: Deadline<T> | undefined;
  after: Deadline<T> | undefined;
}

/** So many places are kept for reuse after a peak. */
const MAX_SPARE = 4_096;

/**
 * Adding and removing take constant time, and allocate nothing once there were as many items before. The timer stands
 * while anything waits, and is not moved by removals.
 */
export class DeadlineQueue<T extends object | string | number> implements Disposable {
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #expired: (item: T) => void;
  readonly #due = (): void => this.#expire();
  #first: Deadline<T> | undefined;
  #last: Deadline<T> | undefined;
  /** Places that nobody is at, linked by `after`. */
  #spare: Deadline<T> | undefined;
  #spares = 0;
  #timer: Disposable | undefined;
  #size = 0;

  /** `expired` is called once an item, never before its time has come; it may add and remove. */
  constructor(timeoutMs: number, clock: Clock, expired: (item: T) => void) {
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    this.#expired = expired;
  }

  get size(): number {
    return this.#size;
  }

  /** Starts the time of `item`, which must not be waiting here. `now` saves a look at the clock that the caller has had. */
  add(item: T, now: number = this.#clock.now()): Deadline<T> {
    const deadline = this.#take();
    const last = this.#last;
    deadline.item = item;
    // A caller's `now` may be older than that of another; the order must hold all the same.
    deadline.dueAt = last === undefined ? now + this.#timeoutMs : Math.max(last.dueAt, now + this.#timeoutMs);
    deadline.before = last;
    if (last === undefined) this.#first = deadline;
    else last.after = deadline;
    this.#last = deadline;
    this.#size++;
    this.#timer ??= this.#clock.timer(this.#timeoutMs, this.#due);
    return deadline;
  }

  /** Takes back what `add` gave for `item`. Does nothing when it is over: the place may be another item's by then. */
  remove(deadline: Deadline<T>, item: T): void {
    if (deadline.item !== item) return;
    const { before, after } = deadline;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    this.#size--;
    this.#keep(deadline);
  }

  /** Forgets all without a word. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    while (this.#first !== undefined) this.remove(this.#first, this.#first.item as T);
  }

  #take(): Deadline<T> {
    const spare = this.#spare;
    if (spare === undefined) return new Deadline();
    this.#spare = spare.after;
    this.#spares--;
    spare.after = undefined;
    return spare;
  }

  #keep(deadline: Deadline<T>): void {
    deadline.item = undefined;
    deadline.before = undefined;
    deadline.after = undefined;
    if (this.#spares >= MAX_SPARE) return;
    deadline.after = this.#spare;
    this.#spare = deadline;
    this.#spares++;
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    try {
      for (let next = this.#first; next !== undefined && next.dueAt <= now; next = this.#first) {
        const item = next.item as T;
        this.remove(next, item);
        this.#expired(item);
      }
    } finally {
      const next = this.#first;
      if (next !== undefined) this.#timer ??= this.#clock.timer(next.dueAt - now, this.#due);
    }
  }
}
