/** Follows one Var at a time: the next one is joined before the last one is left, so that a source both share runs on. */
import { observeAs } from "./observer.ts";
import type { State, Var } from "./state.ts";

/** Is told no `pending` once it was told anything else: what is known stays until the next one knows. */
export interface FollowingListener<T> {
  hear(state: State<T>): void;
}

export class Following<T> implements Disposable {
  readonly #listener: FollowingListener<T>;
  #of: Var<T> | undefined;
  /** Which of those that it followed it is, so that one that was left is not heard. */
  #run = 0;
  #subscription: Disposable | undefined;
  #isKnown = false;
  #isOver = false;

  constructor(listener: FollowingListener<T>) {
    this.#listener = listener;
  }

  follow(next: Var<T>): void {
    if (this.#of === next || this.#isOver) return;
    const before = this.#subscription;
    this.#of = next;
    this.#subscription = observeAs(next, this, ++this.#run);
    before?.[Symbol.dispose]();
  }

  /** Of what is followed. */
  heard(run: number, state: State<T>): void {
    if (run !== this.#run || this.#isOver || (state.tag === "pending" && this.#isKnown)) return;
    this.#isKnown = state.tag !== "pending";
    this.#listener.hear(state);
  }

  [Symbol.dispose](): void {
    this.#isOver = true;
    this.#of = undefined;
    this.#subscription?.[Symbol.dispose]();
    this.#subscription = undefined;
  }
}
