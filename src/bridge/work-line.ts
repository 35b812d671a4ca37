/** Targets that are to be worked on: so many at a time, the urgent ones first, each by one hand only. */
import type { Clock } from "../base/time.ts";
import type { WritePace } from "./write-pace.ts";

export interface Workable {
  /** One step. Never rejects. */
  work(): Promise<void>;
}

export interface WorkLineParts {
  readonly atOnce: number;
  /** What is not urgent is begun only when this is paid for. */
  readonly pace: WritePace;
  readonly clock: Clock;
}

export class WorkLine<T extends Workable> {
  readonly #parts: WorkLineParts;
  readonly #urgent = new Set<T>();
  readonly #waiting = new Set<T>();
  readonly #busy = new Set<T>();
  readonly #idle = new Set<() => void>();
  #isClosed = false;
  /** There while it is waited for the pace. */
  #paid: Disposable | undefined;

  constructor(parts: WorkLineParts) {
    this.#parts = parts;
  }

  /** Whether nothing waits or is being worked on. */
  get isIdle(): boolean {
    return this.#urgent.size + this.#waiting.size + this.#busy.size === 0;
  }

  /** What is being worked on is worked on once more. */
  add(item: T, isUrgent = false): void {
    if (this.#isClosed) return;
    if (isUrgent) {
      this.#waiting.delete(item);
      this.#urgent.add(item);
    } else if (!this.#urgent.has(item)) this.#waiting.add(item);
    this.#next();
  }

  drop(item: T): void {
    this.#urgent.delete(item);
    this.#waiting.delete(item);
  }

  /** Begins nothing any more, and resolves when what was begun has ended. */
  close(): Promise<void> {
    this.#isClosed = true;
    this.#paid?.[Symbol.dispose]();
    this.#urgent.clear();
    this.#waiting.clear();
    return this.idle();
  }

  /** Resolves when nothing waits or is being worked on. */
  idle(): Promise<void> {
    if (this.isIdle) return Promise.resolve();
    return new Promise((resolve) => this.#idle.add(resolve));
  }

  #next(): void {
    const { atOnce } = this.#parts;
    // One place more for what is urgent: a sign must not wait until a thousand first publications are through.
    while (this.#busy.size <= atOnce && this.#begin(this.#urgent));
    while (this.#busy.size < atOnce && this.#waiting.size > 0 && this.#isPaid() && this.#begin(this.#waiting));
  }

  #isPaid(): boolean {
    const { waitMs } = this.#parts.pace;
    if (waitMs === 0) return true;
    this.#paid ??= this.#parts.clock.timer(waitMs, () => {
      this.#paid = undefined;
      this.#next();
    });
    return false;
  }

  #free(line: ReadonlySet<T>): T | undefined {
    for (const item of line) if (!this.#busy.has(item)) return item;
    return undefined;
  }

  /** False when there is nothing to begin with. */
  #begin(from: Set<T>): boolean {
    const item = this.#free(from);
    if (item === undefined) return false;
    from.delete(item);
    this.#busy.add(item);
    void item.work().finally(() => {
      this.#busy.delete(item);
      this.#next();
      if (!this.isIdle) return;
      for (const resolve of this.#idle) resolve();
      this.#idle.clear();
    });
    return true;
  }
}
