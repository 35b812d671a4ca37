/** A Var that never changes. */
import { Derivable } from "./cell.ts";
import { deliver, type Observer } from "./observer.ts";
import type { State } from "./state.ts";
import { systemClock } from "./time.ts";

export class Constant<T> extends Derivable<T> {
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
    deliver(observer, this.#state);
  }
}
