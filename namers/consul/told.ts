/** A Var of what its owner tells it, whether anybody observes it or not. */
import { type Clock, failed, ok, pending, type State, Var } from "linkspan/plugin";

export class Told<T> {
  readonly state: Var<T>;
  readonly #setters = new Set<(state: State<T>) => void>();
  #last: State<T> = pending;
  #trouble: State<T> | undefined;

  constructor(clock: Clock, equals?: (a: T, b: T) => boolean) {
    const start = (set: (state: State<T>) => void): Disposable => {
      this.#setters.add(set);
      if (this.#last.tag !== "pending") set(this.#last);
      if (this.#trouble) set(this.#trouble);
      return { [Symbol.dispose]: () => this.#setters.delete(set) };
    };
    this.state = Var.source<T>(start, { clock, ...(equals ? { equals } : {}) });
  }

  tell(value: T): void {
    this.#trouble = undefined;
    this.#last = ok(value);
    for (const set of this.#setters) set(this.#last);
  }

  /** What was told before stays, and is stale. */
  fail(cause: Error): void {
    this.#trouble = failed(cause);
    for (const set of this.#setters) set(this.#trouble);
  }
}
