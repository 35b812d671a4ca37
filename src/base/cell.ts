/** The machine behind every Var: its observers, its source, and the merge of what the source says. */
import { Follower } from "./follower.ts";
import { deliver, FunctionObserver, joinAs, withObserver, withoutObserver } from "./observer.ts";
import type { Observed, Observer } from "./observer.ts";
import { onceForEach } from "./once-for-each.ts";
import { merged, orFailed, pending, redated, sameState, withTrouble } from "./state.ts";
import type { Start, State, Var, VarOptions } from "./state.ts";
import { type Clock, systemClock } from "./time.ts";

/** What every Var can do beside being observed. */
export abstract class Derivable<T> implements Var<T> {
  protected abstract readonly clock: Clock;
  abstract sample(): State<T>;
  /** As `observe`, for an observer that is one already. */
  abstract join(observer: Observer<T>): void;

  observe(fn: (state: State<T>) => void): Disposable {
    const observer = new FunctionObserver(fn);
    this.join(observer);
    return observer;
  }

  map<U>(f: (value: T) => U, options?: VarOptions<U>): Var<U> {
    return new Mapped<T, U>(this, f, { clock: this.clock, ...options });
  }

  flatMap<U>(f: (value: T) => Var<U>, options?: VarOptions<U>): Var<U> {
    const choose = onceForEach(f);
    const clock = options?.clock ?? this.clock;
    const start: Start<U> = (set) => new Follower(this, { choose, followed: set }, clock);
    const peek = (): State<U> => {
      const outer = this.sample();
      return outer.tag === "ok" ? orFailed(() => withTrouble(choose(outer.value).sample(), outer)) : outer;
    };
    return new Cell<U>(start, { clock, ...options }, peek);
  }
}

const NOTHING: readonly never[] = [];

/** A Var with a source that runs exactly while somebody observes. A registry's names are many of these: it is kept small. */
export abstract class Machine<T> extends Derivable<T> {
  readonly #options: VarOptions<T>;
  #state: State<T> = pending;
  #version = 0;
  #observers: Observer<T> | undefined;
  #source: Disposable | undefined;
  /** There while observers are being told: what is said meanwhile. */
  #waiting: readonly State<T>[] | undefined;
  /** Grows with each start and stop, so that a stopped source that still speaks is not heard. */
  #run = 0;

  /** Of many that are alike all should be given the same `options`, which are kept. */
  constructor(options: VarOptions<T>) {
    super();
    this.#options = options;
  }

  protected get clock(): Clock {
    return this.#options.clock ?? systemClock;
  }

  /** Whatever the source says, it says with the number of this run, or by `say`. */
  protected abstract start(run: number): Disposable;
  /** The state of a derived Var without observing what it is derived from; `undefined` for others. */
  protected peek(): State<T> | undefined {
    return undefined;
  }

  sample(): State<T> {
    const state = this.#state;
    if (!this.#observers) return this.peek() ?? state;
    // A source that only confirms what is known publishes nothing, so the newest dates are fetched from it.
    return state.tag === "ok" ? redated(state, this.peek()) : state;
  }

  /** For its source: what a run says that is over is not heard. */
  said(run: number, state: State<T>): void {
    if (run === this.#run) this.#set(state);
  }

  /** For a source that is not asked to run twice, or sees to it itself that nothing is said by a run that is over. */
  protected say(state: State<T>): void {
    if (this.#observers) this.#set(state);
  }

  join(observer: Observer<T>): void {
    observer.of = this;
    observer.seen = -1;
    const isFirst = !this.#observers;
    this.#observers = withObserver(this.#observers, observer);
    if (isFirst) this.#begin();
    if (observer.of === this && observer.seen < this.#version) this.#tell(observer);
  }

  #begin(): void {
    const run = ++this.#run;
    let source: Disposable | undefined;
    const trouble = orFailed<T>(() => {
      source = this.start(run);
      return pending;
    });
    // The only observer may have left, by what it was told meanwhile, and come back to what is the same source.
    if (run !== this.#run) return source === this.#source ? undefined : source?.[Symbol.dispose]();
    this.#source = source;
    this.said(run, trouble);
  }

  /** For an observer that goes. */
  leave(observer: Observer<T>): void {
    if (observer.of !== this) return;
    observer.of = undefined;
    this.#observers = withoutObserver(this.#observers, observer);
    if (this.#observers) return;
    this.#run++;
    const source = this.#source;
    this.#source = undefined;
    this.#state = pending;
    if (this.#waiting) this.#waiting = NOTHING;
    source?.[Symbol.dispose]();
  }

  #tell(observer: Observer<T>): void {
    observer.seen = this.#version;
    deliver(observer, this.#state);
  }

  #set(state: State<T>): void {
    if (this.#waiting) return void (this.#waiting = this.#waiting.concat(state));
    this.#waiting = NOTHING;
    try {
      this.#publish(state);
      for (let next = this.#waiting[0]; next; next = this.#waiting[0]) {
        this.#waiting = this.#waiting.slice(1);
        this.#publish(next);
      }
    } finally {
      this.#waiting = undefined;
    }
  }

  #publish(next: State<T>): void {
    const before = this.#state;
    const after = merged(before, next, this.#options.equals ?? Object.is, this.clock);
    this.#state = after;
    if (sameState(before, after)) return;
    const version = ++this.#version;
    // Who is told may leave and come back, and then the walk ends with it: another one finds whom it has missed.
    while (this.#tellAll(version));
  }

  /** False when nobody was to be told: then all are. */
  #tellAll(version: number): boolean {
    let isTold = false;
    // `#tell` reads the state, which a stop and a new start may have changed: then these observers have left.
    for (let observer = this.#observers; observer; observer = observer.next) {
      if (observer.of !== this || observer.seen >= version) continue;
      isTold = true;
      this.#tell(observer);
    }
    return isTold;
  }
}

/** A Var that a function feeds. */
export class Cell<T> extends Machine<T> {
  readonly #start: Start<T>;
  readonly #peek: (() => State<T>) | undefined;

  /** `peek` computes the state of a derived Var without observing what it is derived from. */
  constructor(start: Start<T>, options: VarOptions<T> = {}, peek?: () => State<T>) {
    super(options);
    this.#start = start;
    this.#peek = peek;
  }

  protected start(run: number): Disposable {
    return this.#start((state) => this.said(run, state));
  }

  protected override peek(): State<T> | undefined {
    return this.#peek?.();
  }
}

/** A Var that observes another one while it runs, and is the observer itself: it needs no other object for that. */
export abstract class Observing<T, U> extends Machine<U> implements Observer<T> {
  next: Observer<T> | undefined;
  previous: Observer<T> | undefined;
  of: Observed<T> | undefined;
  seen = -1;

  abstract hear(state: State<T>): void;

  protected listenTo(of: Pick<Var<T>, "observe">): Disposable {
    this.of?.leave(this);
    joinAs(of, this);
    return this;
  }

  /** The Machine ends its source. */
  [Symbol.dispose](): void {
    this.of?.leave(this);
  }
}

/** A Var that says what another one does, in other words. */
export abstract class Derived<T, U> extends Observing<T, U> {
  readonly #from: Var<T>;

  constructor(from: Var<T>, options: VarOptions<U>) {
    super(options);
    this.#from = from;
  }

  abstract apply(state: State<T>): State<U>;

  protected start(): Disposable {
    return this.listenTo(this.#from);
  }

  hear(state: State<T>): void {
    this.say(this.apply(state));
  }

  protected override peek(): State<U> {
    return this.apply(this.#from.sample());
  }
}

/** Another Var's values, each made into something once: a change of staleness alone makes nothing new. */
class Mapped<T, U> extends Derived<T, U> {
  readonly #f: (value: T) => U;

  constructor(of: Var<T>, f: (value: T) => U, options: VarOptions<U>) {
    super(of, options);
    this.#f = onceForEach(f);
  }

  apply(state: State<T>): State<U> {
    return state.tag === "ok" ? orFailed(() => ({ ...state, value: this.#f(state.value) })) : state;
  }
}
