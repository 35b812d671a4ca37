/** Sources that are started once for all who observe the same thing. */
import { Derivable, Machine } from "../base/cell.ts";
import type { Observer } from "../base/observer.ts";
import { type Clock, systemClock } from "../base/time.ts";
import { pending, type State, type Var, type VarOptions } from "../base/var.ts";

type Start<T> = (set: (state: State<T>) => void) => Disposable;

/** Holds nothing for what nobody observes, so a key costs nothing until then. */
export class SharedSources<T> {
  readonly #live = new Map<string, LiveSource<T>>();
  readonly #options: VarOptions<T>;

  constructor(options: VarOptions<T> = {}) {
    this.#options = options;
  }

  /** A Var that, while it is observed, shares one running `start` with all other Vars of `key`. */
  of(key: string, start: Start<T>): Var<T> {
    return new SharedVar(key, start, this.#live, this.#options);
  }
}

/** Stands for whichever source is live. */
class SharedVar<T> extends Derivable<T> {
  readonly #key: string;
  readonly #start: Start<T>;
  readonly #live: Map<string, LiveSource<T>>;
  readonly #options: VarOptions<T>;

  constructor(key: string, start: Start<T>, live: Map<string, LiveSource<T>>, options: VarOptions<T>) {
    super();
    this.#key = key;
    this.#start = start;
    this.#live = live;
    this.#options = options;
  }

  protected get clock(): Clock {
    return this.#options.clock ?? systemClock;
  }

  sample(): State<T> {
    return this.#live.get(this.#key)?.sample() ?? pending;
  }

  join(observer: Observer<T>): void {
    const live = this.#live.get(this.#key);
    (live ?? new LiveSource(this.#key, this.#start, this.#live, this.#options)).join(observer);
  }
}

/** One that is observed. */
class LiveSource<T> extends Machine<T> {
  readonly #key: string;
  readonly #start: Start<T>;
  readonly #live: Map<string, LiveSource<T>>;
  #running: Disposable | undefined;

  constructor(key: string, start: Start<T>, live: Map<string, LiveSource<T>>, options: VarOptions<T>) {
    super(options);
    this.#key = key;
    this.#start = start;
    this.#live = live;
  }

  protected start(run: number): Disposable {
    this.#live.set(this.#key, this);
    this.#running = this.#start((state) => this.said(run, state));
    return this;
  }

  protected peek(): undefined {
    return undefined;
  }

  /** The Machine ends its source. */
  [Symbol.dispose](): void {
    if (this.#live.get(this.#key) === this) this.#live.delete(this.#key);
    this.#running?.[Symbol.dispose]();
    this.#running = undefined;
  }
}
