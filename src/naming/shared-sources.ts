/** Sources that are started once for all who observe the same thing. */
import { Derivable, Machine } from "../base/cell.ts";
import type { Observer } from "../base/observer.ts";
import { type Clock, systemClock } from "../base/time.ts";
import { pending, type State, type Var, type VarOptions } from "../base/var.ts";

type Start<T> = (set: (state: State<T>) => void) => Disposable;

/** Where a source says what it knows. After its end it is not heard. */
export interface Outlet<T> {
  say(state: State<T>): void;
}

/** What a key stands for, as an object: of tens of thousands, functions and what they remember take much more. */
export interface Source<T> {
  /** Runs while it is observed; what it returns ends it. */
  open(outlet: Outlet<T>): Disposable;
}

/** Holds nothing for what nobody observes, so a key costs nothing until then. */
export class SharedSources<T> {
  readonly #live = new Map<string, LiveSource<T>>();
  readonly #options: VarOptions<T>;

  constructor(options: VarOptions<T> = {}) {
    this.#options = options;
  }

  /** A Var that, while it is observed, shares one running `start` with all other Vars of `key`. */
  of(key: string, start: Start<T>): Var<T> {
    return this.from(key, { open: (outlet) => start((state) => outlet.say(state)) });
  }

  /** The same where what runs is an object. */
  from(key: string, source: Source<T>): Var<T> {
    return new SharedVar(key, source, this.#live, this.#options);
  }
}

/** Stands for whichever source is live. */
class SharedVar<T> extends Derivable<T> {
  readonly key: string;
  readonly source: Source<T>;
  readonly live: Map<string, LiveSource<T>>;
  readonly #options: VarOptions<T>;

  constructor(key: string, source: Source<T>, live: Map<string, LiveSource<T>>, options: VarOptions<T>) {
    super();
    this.key = key;
    this.source = source;
    this.live = live;
    this.#options = options;
  }

  protected get clock(): Clock {
    return this.#options.clock ?? systemClock;
  }

  sample(): State<T> {
    return this.live.get(this.key)?.sample() ?? pending;
  }

  join(observer: Observer<T>): void {
    const live = this.live.get(this.key) ?? new LiveSource(this, this.#options);
    live.join(observer);
  }
}

/** One that is observed: it runs once, until the last observer leaves. */
class LiveSource<T> extends Machine<T> implements Outlet<T> {
  readonly #key: string;
  readonly #source: Source<T>;
  readonly #live: Map<string, LiveSource<T>>;
  #running: Disposable | undefined;

  constructor({ key, source, live }: SharedVar<T>, options: VarOptions<T>) {
    super(options);
    this.#key = key;
    this.#source = source;
    this.#live = live;
  }

  override say(state: State<T>): void {
    super.say(state);
  }

  protected start(): Disposable {
    this.#live.set(this.#key, this);
    this.#running = this.#source.open(this);
    return this;
  }

  /** The Machine ends its source. */
  [Symbol.dispose](): void {
    if (this.#live.get(this.#key) === this) this.#live.delete(this.#key);
    this.#running?.[Symbol.dispose]();
    this.#running = undefined;
  }
}
