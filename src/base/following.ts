/** Follows one Var at a time: the next one is joined before the last one is left, so that a source both share runs on. */
import { moveTo, Observer } from "./observer.ts";
import type { State, Var } from "./state.ts";

/** Is told no `pending` once it was told anything else: what is known stays until the next one knows. */
export interface FollowingListener<T> {
  hear(state: State<T>): void;
}

export class Following<T> extends Observer<T> {
  readonly #listener: FollowingListener<T>;
  #followed: Var<T> | undefined;
  #isKnown = false;
  #isOver = false;

  constructor(listener: FollowingListener<T>) {
    super();
    this.#listener = listener;
  }

  follow(next: Var<T>): void {
    const before = this.#followed;
    if (before === next || this.#isOver) return;
    this.#followed = next;
    moveTo(next, this, before);
  }

  /** Of what is followed. */
  hear(state: State<T>): void {
    if (state.tag === "pending" && this.#isKnown) return;
    this.#isKnown = state.tag !== "pending";
    this.#listener.hear(state);
  }

  override [Symbol.dispose](): void {
    this.#isOver = true;
    this.#followed = undefined;
    super[Symbol.dispose]();
  }
}
