/** A clock that stands still until a test moves it. */
import type { Clock } from "../base/time.ts";

class FakeTimer implements Disposable {
  readonly due: number;
  readonly order: number;
  readonly fn: () => void;
  readonly #timers: Set<FakeTimer>;
  constructor(due: number, order: number, fn: () => void, timers: Set<FakeTimer>) {
    this.due = due;
    this.order = order;
    this.fn = fn;
    this.#timers = timers;
  }
  [Symbol.dispose](): void {
    this.#timers.delete(this);
  }
}

/** Monotonic and wall time move together; `jumpWall` moves the second alone, as an administrator would. */
export class FakeClock implements Clock {
  readonly #timers = new Set<FakeTimer>();
  #now = 0;
  #wall: number;
  #order = 0;

  /** `wall` is what the wall shows at first, epoch ms. */
  constructor(wall = Date.UTC(2030, 0, 1)) {
    this.#wall = wall;
  }

  now(): number {
    return this.#now;
  }

  wall(): number {
    return this.#wall;
  }

  timer(ms: number, fn: () => void): Disposable {
    const wait = ms > 0 ? ms : 0;
    const timer = new FakeTimer(this.#now + wait, this.#order++, fn, this.#timers);
    this.#timers.add(timer);
    return timer;
  }

  /** How many timers are waiting: 0 after everything was closed. */
  get waiting(): number {
    return this.#timers.size;
  }

  /** How far away the next timer is; undefined when none waits. */
  get nextIn(): number | undefined {
    const next = this.#first(Infinity);
    return next && next.due - this.#now;
  }

  /** Moves both times and fires what falls due, in order, those too that are set on the way. */
  advance(ms: number): void {
    const until = this.#now + ms;
    for (let next = this.#first(until); next; next = this.#first(until)) this.#fire(next);
    this.#moveTo(until);
  }

  /** Like `advance`; promises that a timer resolved are followed up before the next timer fires. */
  async advanceAsync(ms: number): Promise<void> {
    const until = this.#now + ms;
    await turn();
    for (let next = this.#first(until); next; next = this.#first(until)) {
      this.#fire(next);
      await turn();
    }
    this.#moveTo(until);
    await turn();
  }

  /** Moves the wall time alone. */
  jumpWall(ms: number): void {
    this.#wall += ms;
  }

  #fire(timer: FakeTimer): void {
    this.#timers.delete(timer);
    this.#moveTo(timer.due);
    timer.fn();
  }

  #moveTo(now: number): void {
    // A timer that advances the clock itself may have come further already.
    if (now <= this.#now) return;
    this.#wall += now - this.#now;
    this.#now = now;
  }

  #first(until: number): FakeTimer | undefined {
    let first: FakeTimer | undefined;
    for (const timer of this.#timers) {
      if (timer.due > until) continue;
      if (!first || timer.due < first.due || (timer.due === first.due && timer.order < first.order)) first = timer;
    }
    return first;
  }
}

/** Lets all promises that can go on do so: one turn of the event loop, no time passes. */
export function turn(): Promise<void> {
  return new Promise((resolve) => setImmediate(resolve));
}
