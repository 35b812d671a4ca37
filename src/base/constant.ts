/** A Var that never changes. */
import { Derivable } from "./cell.ts";
import { deliver, type Observed, type Observer } from "./observer.ts";
import type { State } from "./state.ts";
import { systemClock } from "./time.ts";

export class Constant<T> extends Derivable<T> implements Observed<T> {
  protected readonly clock = systemClock;
  readonly #state: State<T>;

  constructor(state: State<T>) {
    super();
    this.#state = state;
  }

  sample(): State<T> {
    return this.#state;
  }

  join(observer: Observer<T>): void {
    observer.of = this;
    deliver(observer, this.#state);
  }

  leave(observer: Observer<T>): void {
    observer.of = undefined;
  }
}
