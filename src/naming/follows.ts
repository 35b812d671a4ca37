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

  /** `changed` is called when a Var that is followed moves, but not for its first state. */
  constructor(changed: () => void) {
    this.#changed = changed;
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
    this.#follow(fresh, make);
    return fresh.state;
  }

  #follow(entry: Followed<T>, make: () => Var<T>): void {
    let started = false;
    try {
      entry.subscription = make().observe((state) => {
        entry.state = state;
        if (started) this.#changed();
      });
    } catch (error) {
      entry.state = failed(error instanceof Error ? error : new Error(String(error)));
    }
    started = true;
  }

  sweep(): void {
    for (const [key, entry] of this.#followed) {
      if (entry.round === this.#round) continue;
      this.#followed.delete(key);
      entry.subscription?.[Symbol.dispose]();
    }
    this.#round++;
  }

  [Symbol.dispose](): void {
    const all = [...this.#followed.values()];
    this.#followed.clear();
    for (const entry of all) entry.subscription?.[Symbol.dispose]();
  }
}
