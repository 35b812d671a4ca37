/** Many deadlines with one timeout and one timer: what was added first is due first. */
import type { Clock } from "./time.ts";

/** A place in a queue. Its owner keeps it for life and adds it again and again; adding allocates nothing. */
export class Deadline<T> {
  readonly item: T;
  /** Of the queue it is in; internal to the queue, as are the links. */
  queue: DeadlineQueue<T> | undefined;
  dueAt = 0;
  before: Deadline<T> | undefined;
  after: Deadline<T> | undefined;

  constructor(item: T) {
    this.item = item;
  }

  get isWaiting(): boolean {
    return this.queue !== undefined;
  }
}

/** Adding and removing take constant time. The timer stands while anything waits, and is not moved by removals. */
export class DeadlineQueue<T> implements Disposable {
  readonly #timeoutMs: number;
  readonly #clock: Clock;
  readonly #expired: (item: T) => void;
  readonly #due = (): void => this.#expire();
  #first: Deadline<T> | undefined;
  #last: Deadline<T> | undefined;
  #timer: Disposable | undefined;
  #size = 0;

  /** `expired` is called once an item, at most when its time has come; it may add and remove. */
  constructor(timeoutMs: number, clock: Clock, expired: (item: T) => void) {
    this.#timeoutMs = timeoutMs;
    this.#clock = clock;
    this.#expired = expired;
  }

  get size(): number {
    return this.#size;
  }

  /** Starts the time of `deadline`, or starts it again. `now` saves a look at the clock that the caller has had. */
  add(deadline: Deadline<T>, now: number = this.#clock.now()): void {
    if (deadline.queue !== undefined) deadline.queue.remove(deadline);
    const last = this.#last;
    // A caller's `now` may be older than that of another; the order must hold all the same.
    deadline.dueAt = last === undefined ? now + this.#timeoutMs : Math.max(last.dueAt, now + this.#timeoutMs);
    deadline.queue = this;
    deadline.before = last;
    if (last === undefined) this.#first = deadline;
    else last.after = deadline;
    this.#last = deadline;
    this.#size++;
    this.#timer ??= this.#clock.timer(this.#timeoutMs, this.#due);
  }

  /** Does nothing when it is not in this queue. */
  remove(deadline: Deadline<T>): void {
    if (deadline.queue !== this) return;
    const { before, after } = deadline;
    if (before === undefined) this.#first = after;
    else before.after = after;
    if (after === undefined) this.#last = before;
    else after.before = before;
    deadline.before = undefined;
    deadline.after = undefined;
    deadline.queue = undefined;
    this.#size--;
  }

  /** Forgets all without a word. */
  [Symbol.dispose](): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
    while (this.#first !== undefined) this.remove(this.#first);
  }

  #expire(): void {
    this.#timer = undefined;
    const now = this.#clock.now();
    try {
      for (let next = this.#first; next !== undefined && next.dueAt <= now; next = this.#first) {
        this.remove(next);
        this.#expired(next.item);
      }
    } finally {
      const next = this.#first;
      if (next !== undefined) this.#timer ??= this.#clock.timer(next.dueAt - now, this.#due);
    }
  }
}
