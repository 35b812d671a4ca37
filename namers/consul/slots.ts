/** How many names may be watched by a waiting query each. */
import type { Clock } from "linkspan/plugin";

/** After a query failed, the agent may hold its connection for as long. */
const REST_MS = 5_000;

export class Slots implements Disposable {
  readonly #clock: Clock;
  readonly #resting = new Set<Disposable>();
  #free: number;

  constructor(count: number, clock: Clock) {
    this.#free = count;
    this.#clock = clock;
  }

  get free(): number {
    return this.#free;
  }

  take(): void {
    this.#free--;
  }

  give(): void {
    this.#free++;
  }

  /** Gives it after a while; `given` hears of it. */
  giveLater(given: () => void): void {
    const timer = this.#clock.timer(REST_MS, () => {
      this.#resting.delete(timer);
      this.#free++;
      given();
    });
    this.#resting.add(timer);
  }

  [Symbol.dispose](): void {
    for (const timer of this.#resting) timer[Symbol.dispose]();
    this.#resting.clear();
  }
}
