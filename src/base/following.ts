/** Follows one Var at a time: the next one is joined before the last one is left, so that a source both share runs on. */
import type { State, Var } from "./state.ts";

export class Following<T> implements Disposable {
  readonly #hear: (state: State<T>) => void;
  #of: Var<T> | undefined;
  #subscription: Disposable | undefined;
  #isKnown = false;
  #isOver = false;

  /** `hear` is told no `pending` once it was told anything else: what is known stays until the next one knows. */
  constructor(hear: (state: State<T>) => void) {
    this.#hear = hear;
  }

  follow(next: Var<T>): void {
    if (this.#of === next || this.#isOver) return;
    const before = this.#subscription;
    this.#of = next;
    this.#subscription = next.observe((state) => {
      if (this.#of !== next || (state.tag === "pending" && this.#isKnown)) return;
      this.#isKnown = state.tag !== "pending";
      this.#hear(state);
    });
    before?.[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#of = undefined;
    this.#subscription?.[Symbol.dispose]();
    this.#subscription = undefined;
  }
}
