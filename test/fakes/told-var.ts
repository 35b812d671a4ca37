/** A Var that says what a test tells it to. */
import { pending, type State, Var } from "../../src/base/var.ts";

export class ToldVar<T> {
  #state: State<T> = pending;
  readonly #sets = new Set<(state: State<T>) => void>();
  readonly var: Var<T>;

  constructor(state: State<T> = pending) {
    this.#state = state;
    this.var = Var.source<T>((set) => {
      this.#sets.add(set);
      set(this.#state);
      return { [Symbol.dispose]: () => void this.#sets.delete(set) };
    });
  }

  get state(): State<T> {
    return this.#state;
  }

  say(state: State<T>): void {
    this.#state = state;
    for (const set of this.#sets) set(state);
  }
}
