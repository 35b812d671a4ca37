/** A dtab with another one laid over it that may change, for as many names as a router has. */
import { Derivable } from "../base/cell.ts";
import { deliver, type Observed, type Observer } from "../base/observer.ts";
import { ok, pending, type State, type Var, withTrouble } from "../base/var.ts";
import { systemClock } from "../base/time.ts";
import type { Dtab } from "./dtab.ts";

/** Names come and go at the same cost however many there are: a Var keeps its observers in a list. */
export class OverlaidDtab extends Derivable<Dtab> implements Observed<Dtab> {
  protected readonly clock = systemClock;
  readonly #base: Dtab;
  readonly #over: Var<Dtab>;
  readonly #observers = new Set<Observer<Dtab>>();
  #following: Disposable | undefined;
  #state: State<Dtab> = pending;
  /** Both together are made once for each overlay. */
  #last: { readonly over: Dtab; readonly both: Dtab } | undefined;

  constructor(base: Dtab, over: Var<Dtab>) {
    super();
    this.#base = base;
    this.#over = over;
  }

  sample(): State<Dtab> {
    return this.#following === undefined ? this.#laid(this.#over.sample()) : this.#state;
  }

  join(observer: Observer<Dtab>): void {
    observer.of = this;
    this.#observers.add(observer);
    if (this.#following !== undefined) return deliver(observer, this.#state);
    // Whatever it says at once reaches the only observer there is.
    this.#following = this.#over.observe((state) => this.#heard(state));
    if (this.#state.tag === "pending") deliver(observer, this.#state);
    // It may have left as soon as it was told.
    if (this.#observers.size === 0) this.#end();
  }

  leave(observer: Observer<Dtab>): void {
    observer.of = undefined;
    if (this.#observers.delete(observer) && this.#observers.size === 0) this.#end();
  }

  #end(): void {
    this.#following?.[Symbol.dispose]();
    this.#following = undefined;
    this.#state = pending;
  }

  #heard(state: State<Dtab>): void {
    this.#state = this.#laid(state);
    const now = this.#state;
    for (const observer of Array.from(this.#observers)) if (observer.of === this) deliver(observer, now);
  }

  #laid(over: State<Dtab>): State<Dtab> {
    if (over.tag !== "ok") return over;
    if (this.#last?.over !== over.value) this.#last = { over: over.value, both: this.#base.concat(over.value) };
    return withTrouble(ok(this.#last.both), over);
  }
}
