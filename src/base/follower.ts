/** The subscriptions of a flatMap: the outer Var, the inner one it chose last, and the one that serves until that is known. */
import { observeAs } from "./observer.ts";
import { orFailed, pending, type Stale, type State, type Var, withTrouble } from "./state.ts";
import type { Clock } from "./time.ts";

/** Hears of the inner Var that is followed. */
interface BranchHost<U> {
  moved(branch: Branch<U>): void;
}

/** One inner Var while it is followed. */
class Branch<U> implements Disposable {
  readonly of: Var<U>;
  state: State<U> = pending;
  readonly #host: BranchHost<U>;
  #subscription: Disposable | undefined;
  #left = false;

  constructor(of: Var<U>, host: BranchHost<U>) {
    this.of = of;
    this.#host = host;
  }

  /** A method of its own, because the first state may come, and end everything, before there is a subscription. */
  join(): void {
    const subscription = observeAs(this.of, this);
    if (this.#left) subscription[Symbol.dispose]();
    else this.#subscription = subscription;
  }

  heard(_run: number, state: State<U>): void {
    if (this.#left) return;
    this.state = state;
    this.#host.moved(this);
  }

  [Symbol.dispose](): void {
    this.#left = true;
    this.#subscription?.[Symbol.dispose]();
  }
}

/** Whom a Follower follows for. */
export interface FollowerHost<T, U> {
  choose(value: T): Var<U>;
  /** Not called after the end. */
  followed(state: State<U>): void;
}

export class Follower<T, U> implements BranchHost<U>, Disposable {
  readonly #host: FollowerHost<T, U>;
  readonly #clock: Clock;
  #outer: Disposable | undefined;
  #outerState: State<T> = pending;
  #chosen: Branch<U> | undefined;
  /** Was ok when another was chosen; left as soon as that one is ok. */
  #serving: Branch<U> | undefined;
  /** Since when the chosen one has failed while another serves. */
  #failedSince: number | undefined;
  #done = false;

  constructor(outer: Pick<Var<T>, "observe">, host: FollowerHost<T, U>, clock: Clock) {
    this.#host = host;
    this.#clock = clock;
    const subscription = observeAs(outer, this);
    if (this.#done) subscription[Symbol.dispose]();
    else this.#outer = subscription;
  }

  [Symbol.dispose](): void {
    this.#done = true;
    this.#outer?.[Symbol.dispose]();
    this.#chosen?.[Symbol.dispose]();
    this.#serving?.[Symbol.dispose]();
  }

  /** Of the outer Var. */
  heard(_run: number, state: State<T>): void {
    if (this.#done) return;
    this.#outerState = state;
    if (state.tag !== "ok") return this.#say(state);
    let next: Var<U> | undefined;
    const trouble = orFailed<U>(() => {
      next = this.#host.choose(state.value);
      return pending;
    });
    if (!next) return this.#say(trouble);
    if (next === this.#chosen?.of) return this.#tell();
    this.#switchTo(new Branch(next, this));
  }

  /** What is left is left after the new one was joined, so that a source which both share keeps running. */
  #switchTo(branch: Branch<U>): void {
    const before = this.#chosen;
    this.#chosen = branch;
    this.#failedSince = undefined;
    let left = before;
    if (before?.state.tag === "ok") {
      left = this.#serving;
      this.#serving = before;
    }
    branch.join();
    left?.[Symbol.dispose]();
  }

  moved(branch: Branch<U>): void {
    if (this.#done) return;
    if (branch === this.#chosen && branch.state.tag === "ok") {
      this.#serving?.[Symbol.dispose]();
      this.#serving = undefined;
    }
    this.#tell();
  }

  #tell(): void {
    this.#say(withTrouble(this.#inner(), this.#outerState));
  }

  #say(state: State<U>): void {
    if (!this.#done) this.#host.followed(state);
  }

  /** The chosen one's state once that is known; until then what serves, stale if the chosen one has failed. */
  #inner(): State<U> {
    const chosen = this.#chosen?.state ?? pending;
    const serving = this.#serving?.state;
    if (serving?.tag !== "ok" || chosen.tag === "ok") return chosen;
    if (chosen.tag !== "failed") return serving;
    this.#failedSince ??= this.#clock.wall();
    const stale: Stale = { since: this.#failedSince, cause: chosen.cause };
    return { ...serving, stale };
  }
}
