/** Sources that are started once for all who observe the same thing. */
import { type State, Var, type VarOptions } from "../base/var.ts";

type Start<T> = (set: (state: State<T>) => void) => Disposable;

/** Holds nothing for what nobody observes, so a key costs nothing until then. */
export class SharedSources<T> {
  readonly #live = new Map<string, Var<T>>();
  readonly #options: VarOptions<T>;

  constructor(options: VarOptions<T> = {}) {
    this.#options = options;
  }

  /** A Var that, while it is observed, shares one running `start` with all other Vars of `key`. */
  of(key: string, start: Start<T>): Var<T> {
    return Var.source<T>((set) => this.#shared(key, start).observe(set), this.#options);
  }

  #shared(key: string, start: Start<T>): Var<T> {
    const live = this.#live.get(key);
    if (live) return live;
    const shared = Var.source<T>((set) => {
      this.#live.set(key, shared);
      const source = start(set);
      return {
        [Symbol.dispose]: () => {
          if (this.#live.get(key) === shared) this.#live.delete(key);
          source[Symbol.dispose]();
        },
      };
    }, this.#options);
    return shared;
  }
}
