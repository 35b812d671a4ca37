/** The machine behind every Var: its observers, its source, and the merge of what the source says. */
import { Follower } from "./follower.ts";
import { deliver, Observer } from "./observer.ts";
import {
  orFailed,
  pending,
  sameState,
  type Start,
  type State,
  type Var,
  type VarOptions,
  withTrouble,
} from "./state.ts";
import { type Clock, systemClock } from "./time.ts";

abstract class Derivable<T> implements Var<T> {
  protected abstract readonly clock: Clock;
  abstract sample(): State<T>;
  abstract observe(fn: (state: State<T>) => void): Disposable;

  map<U>(f: (value: T) => U, options?: VarOptions<U>): Var<U> {
    return new Mapped<T, U>(this, f, { clock: this.clock, ...options });
  }

  flatMap<U>(f: (value: T) => Var<U>, options?: VarOptions<U>): Var<U> {
    const choose = onceForEach(f);
    const clock = options?.clock ?? this.clock;
    const start: Start<U> = (set) => new Follower(this, choose, clock, set);
    const peek = (): State<U> => {
      const outer = this.sample();
      return outer.tag === "ok" ? orFailed(() => withTrouble(choose(outer.value).sample(), outer)) : outer;
    };
    return new Cell<U>(start, { clock, ...options }, peek);
  }
}

/** A Var that never changes. */
export class Constant<T> extends Derivable<T> {
  protected readonly clock = systemClock;
  readonly #state: State<T>;

  constructor(state: State<T>) {
    super();
    this.#state = state;
  }

  sample(): State<T> {
    return this.#state;
  }

  observe(fn: (state: State<T>) => void): Disposable {
    deliver(fn, this.#state);
    return { [Symbol.dispose]: () => undefined };
  }
}

/** A Var with a source that runs exactly while somebody observes. A registry's names are many of these: it is kept small. */
abstract class Machine<T> extends Derivable<T> {
  protected readonly clock: Clock;
  readonly #equals: (a: T, b: T) => boolean;
  #state: State<T> = pending;
  #version = 0;
  #observers: readonly Observer<T>[] = nobody;
  #source: Disposable | undefined;
  /** There while something is said as observers are being told. */
  #waiting: State<T>[] | undefined;
  #publishing = false;
  /** Grows with each start and stop, so that a stopped source that still speaks is not heard. */
  #run = 0;

  constructor(options: VarOptions<T>) {
    super();
    this.#equals = options.equals ?? Object.is;
    this.clock = options.clock ?? systemClock;
  }

  protected abstract start(set: (state: State<T>) => void): Disposable;
  /** The state of a derived Var without observing what it is derived from; `undefined` for others. */
  protected abstract peek(): State<T> | undefined;

  sample(): State<T> {
    const state = this.#state;
    if (this.#observers.length === 0) return this.peek() ?? state;
    if (state.tag !== "ok") return state;
    // A source that only confirms what is known publishes nothing, so the newest dates are fetched from it.
    const fresh = this.peek();
    if (fresh?.tag !== "ok") return state;
    const { revision, confirmedAt } = fresh;
    return {
      ...state,
      ...(revision === undefined ? {} : { revision }),
      ...(confirmedAt === undefined ? {} : { confirmedAt }),
    };
  }

  observe(fn: (state: State<T>) => void): Disposable {
    const observer = new Observer<T>(this, fn);
    // A spread would leave room for sixteen more.
    this.#observers = this.#observers.concat(observer);
    if (this.#observers.length === 1) this.#begin();
    if (observer.live && observer.seen < this.#version) this.#tell(observer);
    return observer;
  }

  #begin(): void {
    const run = ++this.#run;
    const set = (state: State<T>): void => {
      if (run === this.#run) this.#set(state);
    };
    let source: Disposable | undefined;
    const trouble = orFailed<T>(() => {
      source = this.start(set);
      return pending;
    });
    // Nobody can have left meanwhile: the only observer has no handle yet.
    this.#source = source;
    set(trouble);
  }

  /** For an observer that goes. */
  leave(observer: Observer<T>): void {
    if (!observer.live) return;
    observer.live = false;
    this.#observers = this.#observers.filter((other) => other !== observer);
    if (this.#observers.length > 0) return;
    this.#run++;
    const source = this.#source;
    this.#source = undefined;
    this.#state = pending;
    this.#waiting = undefined;
    source?.[Symbol.dispose]();
  }

  #tell(observer: Observer<T>): void {
    observer.seen = this.#version;
    deliver(observer.fn, this.#state);
  }

  #set(state: State<T>): void {
    const isFirst = !this.#publishing && this.#waiting === undefined;
    if (!isFirst) (this.#waiting ??= []).push(state);
    if (this.#publishing) return;
    this.#publishing = true;
    try {
      let next = isFirst ? state : this.#waiting?.shift();
      for (; next; next = this.#waiting?.shift()) this.#publish(next);
      this.#waiting = undefined;
    } finally {
      this.#publishing = false;
    }
  }

  #publish(next: State<T>): void {
    const before = this.#state;
    const after = this.#merge(before, next);
    this.#state = after;
    if (sameState(before, after)) return;
    const version = ++this.#version;
    // `#tell` reads the state, which a stop and a new start may have changed: then these observers are not live.
    for (const observer of this.#observers) {
      if (observer.live && observer.seen < version) this.#tell(observer);
    }
  }

  #merge(before: State<T>, next: State<T>): State<T> {
    if (next.tag === "pending") return before;
    if (before.tag !== "ok") return next;
    if (next.tag === "failed") {
      return { ...before, stale: { since: before.stale?.since ?? this.clock.wall(), cause: next.cause } };
    }
    return this.#equals(before.value, next.value) ? { ...next, value: before.value } : next;
  }
}

const nobody: readonly never[] = [];

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

  protected start(set: (state: State<T>) => void): Disposable {
    return this.#start(set);
  }

  protected peek(): State<T> | undefined {
    return this.#peek?.();
  }
}

/** Another Var's values, each made into something once: a change of staleness alone makes nothing new. */
class Mapped<T, U> extends Machine<U> {
  readonly #of: Var<T>;
  readonly #f: (value: T) => U;
  #isMade = false;
  #last: T | undefined;
  #made: U | undefined;

  constructor(of: Var<T>, f: (value: T) => U, options: VarOptions<U>) {
    super(options);
    this.#of = of;
    this.#f = f;
  }

  protected start(set: (state: State<U>) => void): Disposable {
    return this.#of.observe((state) => set(this.#apply(state)));
  }

  protected peek(): State<U> {
    return this.#apply(this.#of.sample());
  }

  #apply(state: State<T>): State<U> {
    return state.tag === "ok" ? orFailed(() => ({ ...state, value: this.#once(state.value) })) : state;
  }

  #once(value: T): U {
    if (!this.#isMade || !Object.is(this.#last, value)) {
      this.#made = this.#f(value);
      this.#last = value;
      this.#isMade = true;
    }
    return this.#made as U;
  }
}

/** `f`, not called again for the value it was called for last: a change of staleness alone makes nothing new. */
function onceForEach<T, U>(f: (value: T) => U): (value: T) => U {
  let last: { readonly of: T; readonly made: U } | undefined;
  return (value) => {
    if (!last || !Object.is(last.of, value)) last = { of: value, made: f(value) };
    return last.made;
  };
}
