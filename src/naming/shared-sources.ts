/** Sources that are started once for all who observe the same thing. */
import { Derivable, Machine } from "../base/cell.ts";
import type { Observer } from "../base/observer.ts";
import { type Clock, systemClock } from "../base/time.ts";
import { pending, type State, type Var, type VarOptions } from "../base/var.ts";

type Start<T> = (set: (state: State<T>) => void) => Disposable;

/** Stands for whichever source of a key is live, of which there is one while somebody observes it. */
export abstract class SharedVar<T> extends Derivable<T> {
  protected abstract live(): Derivable<T> | undefined;
  /** What is live from when it is joined until the last observer leaves. */
  protected abstract made(): Derivable<T>;

  sample(): State<T> {
    return this.live()?.sample() ?? pending;
  }

  join(observer: Observer<T>): void {
    (this.live() ?? this.made()).join(observer);
  }
}

/** Holds nothing for what nobody observes, so a key costs nothing until then. */
export class SharedSources<T> {
  readonly #home: SourcesHome<T>;

  constructor(options: VarOptions<T> = {}) {
    this.#home = { live: new Map(), options };
  }

  /** A Var that, while it is observed, shares one running `start` with all other Vars of `key`. */
  of(key: string, start: Start<T>): Var<T> {
    return new StartedVar(key, start, this.#home);
  }
}

interface SourcesHome<T> {
  readonly live: Map<string, LiveSource<T>>;
  readonly options: VarOptions<T>;
}

class StartedVar<T> extends SharedVar<T> {
  readonly #key: string;
  readonly #start: Start<T>;
  readonly #home: SourcesHome<T>;

  constructor(key: string, start: Start<T>, home: SourcesHome<T>) {
    super();
    this.#key = key;
    this.#start = start;
    this.#home = home;
  }

  protected get clock(): Clock {
    return this.#home.options.clock ?? systemClock;
  }

  protected live(): Derivable<T> | undefined {
    return this.#home.live.get(this.#key);
  }

  protected made(): Derivable<T> {
    return new LiveSource(this.#key, this.#start, this.#home);
  }
}

/** One that is observed: it runs once, until the last observer leaves. */
class LiveSource<T> extends Machine<T> implements Disposable {
  readonly #key: string;
  readonly #start: Start<T>;
  readonly #home: SourcesHome<T>;
  #running: Disposable | undefined;

  constructor(key: string, start: Start<T>, home: SourcesHome<T>) {
    super(home.options);
    this.#key = key;
    this.#start = start;
    this.#home = home;
  }

  protected start(run: number): Disposable {
    this.#home.live.set(this.#key, this);
    this.#running = this.#start((state) => this.said(run, state));
    return this;
  }

  /** The Machine ends its source. */
  [Symbol.dispose](): void {
    if (this.#home.live.get(this.#key) === this) this.#home.live.delete(this.#key);
    this.#running?.[Symbol.dispose]();
    this.#running = undefined;
  }
}
