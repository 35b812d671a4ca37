/** What is found in the values of another Var. */
import { Derived } from "./cell.ts";
import { orFailed, pending, type State, type Var, type VarOptions } from "./state.ts";

/** Where nothing is found, nothing is said: a Var that has a value keeps it. */
export class Picked<T, U> extends Derived<T, U> {
  readonly #pick: (value: T) => U | undefined;

  constructor(of: Var<T>, pick: (value: T) => U | undefined, options: VarOptions<U>) {
    super(of, options);
    this.#pick = pick;
  }

  apply(state: State<T>): State<U> {
    if (state.tag !== "ok") return state;
    return orFailed<U>(() => {
      const value = this.#pick(state.value);
      return value === undefined ? pending : { ...state, value };
    });
  }
}
