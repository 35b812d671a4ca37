/** The subscriptions of a flatMap: the outer Var, the inner one it chose last, and the one that serves until that is known. */
import { joinAs, Observer } from "./observer.ts";
import { orFailed, pending, type Stale, type State, type Var, withTrouble } from "./state.ts";
import type { Clock } from "./time.ts";

/** Hears of the inner Var that is followed. */
interface BranchHost<U> {
  moved(branch: Branch<U>): void;
}

/** One inner Var while it is followed. */
class Branch<U> extends Observer<U> {
  readonly inner: Var<U>;
  state: State<U> = pending;
  readonly #host: BranchHost<U>;

  constructor(inner: Var<U>, host: BranchHost<U>) {
    super();
    this.inner = inner;
    this.#host = host;
  }

  /** A method of its own, because the first state may come, and end everything, before its host knows of it. */
  join(): void {
    joinAs(this.inner, this);
  }

  hear(state: State<U>): void {
    this.state = state;
    this.#host.moved(this);
  }
}

/** Whom a Follower follows for. */
export interface FollowerHost<T, U> {
  choose(value: T): Var<U>;
  /** Not called after the end. */
  followed(state: State<U>): void;
}

/** It observes the outer Var itself: of tens of thousands none keeps another object for that. */
export class Follower<T, U> extends Observer<T> implements BranchHost<U> {
  readonly #host: FollowerHost<T, U>;
  readonly #clock: Clock;
  #outerState: State<T> = pending;
  #chosen: Branch<U> | undefined;
  /** Was ok when another was chosen; left as soon as that one is ok. */
  #serving: Branch<U> | undefined;
  /** Since when the chosen one has failed while another serves. */
  #failedSince: number | undefined;
  #done = false;

  constructor(outer: Pick<Var<T>, "observe">, host: FollowerHost<T, U>, clock: Clock) {
    super();
    this.#host = host;
    this.#clock = clock;
    joinAs(outer, this);
  }

  override [Symbol.dispose](): void {
    this.#done = true;
    super[Symbol.dispose]();
    this.#chosen?.[Symbol.dispose]();
    this.#serving?.[Symbol.dispose]();
  }

  /** Of the outer Var. */
  hear(state: State<T>): void {
    if (this.#done) return;
    this.#outerState = state;
    if (state.tag !== "ok") return this.#say(state);
    let next: Var<U> | undefined;
    const trouble = orFailed<U>(() => {
      next = this.#host.choose(state.value);
      return pending;
    });
    if (!next) return this.#say(trouble);
    if (next === this.#chosen?.inner) return this.#tell();
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
