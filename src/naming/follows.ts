/** The Vars that one computation reads: followed from the first reading until a round that does not read them. */
import { joinAs, type Observed, type Observer } from "../base/observer.ts";
import { failed, pending, type State, type Var } from "../base/var.ts";
import { Needed, Rounds } from "./rounds.ts";

/** Whoever reads: hears when a Var that is followed moves, but not of its first state. */
export interface FollowsHost {
  moved(): void;
}

/** Each round reads what it needs by key; `sweep` ends it and lets go of what it did not read. */
export class Follows<T> extends Rounds<Needed> implements Disposable {
  readonly #host: FollowsHost;
  #waiting = 0;

  constructor(host: FollowsHost) {
    super();
    this.#host = host;
  }

  /** How many of those that are followed have not been heard of yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The state of the Var that `make` makes when `key` is not followed yet; what `make` throws is a failed state. */
  read(key: string, make: () => Var<T>): State<T> {
    const known = this.find(key) as Followed<T> | undefined;
    if (known) return known.state;
    const fresh = new Followed<T>(key, this);
    this.add(fresh);
    this.#waiting++;
    this.#follow(fresh, make);
    return fresh.state;
  }

  #follow(entry: Followed<T>, make: () => Var<T>): void {
    try {
      joinAs(make(), entry);
    } catch (error) {
      entry.hear(failed(error instanceof Error ? error : new Error(String(error))));
    }
    entry.isStarted = true;
  }

  /** Of one that is followed. */
  heard(entry: Followed<T>, state: State<T>): void {
    const was = entry.state.tag === "pending" ? 1 : 0;
    entry.state = state;
    this.#waiting += (state.tag === "pending" ? 1 : 0) - was;
    if (entry.isStarted) this.#host.moved();
  }

  [Symbol.dispose](): void {
    this.clear();
  }

  /** Of one that is followed no more. */
  left(entry: Followed<T>): void {
    if (entry.state.tag === "pending") this.#waiting--;
  }
}

class Followed<T> extends Needed implements Observer<T> {
  next: Observer<T> | undefined;
  previous: Observer<T> | undefined;
  of: Observed<T> | undefined;
  seen = -1;
  state: State<T> = pending;
  /** Whether what comes now is a change. */
  isStarted = false;
  readonly #follows: Follows<T>;

  constructor(key: string, follows: Follows<T>) {
    super(key);
    this.#follows = follows;
  }

  hear(state: State<T>): void {
    this.#follows.heard(this, state);
  }

  gone(): void {
    this.#follows.left(this);
    this[Symbol.dispose]();
  }

  [Symbol.dispose](): void {
    this.of?.leave(this);
  }
}
