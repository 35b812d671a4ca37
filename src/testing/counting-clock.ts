/** The real clock, and how many of its timers wait. */
import { type Clock, systemClock } from "../base/time.ts";

/** For tests over real sockets and files: after everything was closed, `waiting` is 0. */
export class CountingClock implements Clock {
  readonly #waiting = new Set<Disposable>();

  get waiting(): number {
    return this.#waiting.size;
  }

  now(): number {
    return systemClock.now();
  }

  wall(): number {
    return systemClock.wall();
  }

  timer(ms: number, fn: () => void): Disposable {
    const inner = systemClock.timer(ms, () => {
      this.#waiting.delete(timer);
      fn();
    });
    const timer: Disposable = {
      [Symbol.dispose]: () => {
        this.#waiting.delete(timer);
        inner[Symbol.dispose]();
      },
    };
    this.#waiting.add(timer);
    return timer;
  }
}
