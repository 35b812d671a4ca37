/** The Vars that one computation reads: followed from the first reading until a round that does not read them. */
import { failed, pending, type State, type Var } from "../base/var.ts";

interface Followed<T> {
  state: State<T>;
  round: number;
  subscription: Disposable | undefined;
}

/** Each round reads what it needs by key; `sweep` ends it and lets go of what it did not read. */
export class Follows<T> implements Disposable {
  readonly #changed: () => void;
  readonly #followed = new Map<string, Followed<T>>();
  #round = 0;
  #waiting = 0;

  /** `changed` is called when a Var that is followed moves, but not for its first state. */
  constructor(changed: () => void) {
    this.#changed = changed;
  }

  /** How many of those that are followed have not been heard of yet. */
  get waiting(): number {
    return this.#waiting;
  }

  /** The state of the Var that `make` makes when `key` is not followed yet; what `make` throws is a failed state. */
  read(key: string, make: () => Var<T>): State<T> {
    const known = this.#followed.get(key);
    if (known) {
      known.round = this.#round;
      return known.state;
    }
    const fresh: Followed<T> = { state: pending, round: this.#round, subscription: undefined };
    this.#followed.set(key, fresh);
    this.#waiting++;
    this.#follow(fresh, make);
    return fresh.state;
  }

  #follow(entry: Followed<T>, make: () => Var<T>): void {
    let started = false;
    try {
      entry.subscription = make().observe((state) => {
        this.#heard(entry, state);
        if (started) this.#changed();
      });
    } catch (error) {
      this.#heard(entry, failed(error instanceof Error ? error : new Error(String(error))));
    }
    started = true;
  }

  #heard(entry: Followed<T>, state: State<T>): void {
    const was = entry.state.tag === "pending" ? 1 : 0;
    entry.state = state;
    this.#waiting += (state.tag === "pending" ? 1 : 0) - was;
  }

  sweep(): void {
    for (const [key, entry] of this.#followed) {
      if (entry.round === this.#round) continue;
      this.#followed.delete(key);
      this.#letGo(entry);
    }
    this.#round++;
  }

  [Symbol.dispose](): void {
    const all = [...this.#followed.values()];
    this.#followed.clear();
    for (const entry of all) this.#letGo(entry);
  }

  #letGo(entry: Followed<T>): void {
    if (entry.state.tag === "pending") this.#waiting--;
    entry.subscription?.[Symbol.dispose]();
  }
}
