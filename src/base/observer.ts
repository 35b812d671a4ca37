/** Who observes a Var, and how states are delivered. */
import type { State } from "./state.ts";

/** Where an observer leaves. */
interface Observed<T> {
  leave(observer: Observer<T>): void;
}

/** One observation, from its begin until it is disposed. */
export class Observer<T> implements Disposable {
  readonly fn: (state: State<T>) => void;
  readonly #of: Observed<T>;
  /** The version that it was told last. */
  seen = -1;
  live = true;

  constructor(of: Observed<T>, fn: (state: State<T>) => void) {
    this.#of = of;
    this.fn = fn;
  }

  [Symbol.dispose](): void {
    this.#of.leave(this);
  }
}

/** An observer that throws has a bug of its own: the others, and the source, go on, and the error surfaces uncaught. */
export function deliver<T>(fn: (state: State<T>) => void, state: State<T>): void {
  try {
    fn(state);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
