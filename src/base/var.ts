/** A value that changes over time: lazy, counted, and unable to lose its last good value. */
import { type Clock, systemClock } from "./time.ts";

/** `since` is epoch milliseconds. */
export interface Stale {
  readonly since: number;
  readonly cause: Error;
}

/** A loss that the guard holds back: since when, until when at most (epoch ms), and how many are lost. */
export interface Held {
  readonly since: number;
  readonly until: number;
  readonly lost: number;
}

export interface Ok<T> {
  readonly tag: "ok";
  readonly value: T;
  readonly stale?: Stale;
  readonly held?: Held;
  /** What the source calls this version; for people, no part of equality. */
  readonly revision?: string;
  /** When the source last said so, epoch ms; for people, no part of equality. */
  readonly confirmedAt?: number;
}

export type State<T> = { readonly tag: "pending" } | { readonly tag: "failed"; readonly cause: Error } | Ok<T>;

export interface Var<out T> {
  /** The state as last seen. Sampling never starts a source. */
  sample(): State<T>;
  /** Calls `fn` with the current state, then after every change, until disposed. */
  observe(fn: (state: State<T>) => void): Disposable;
  map<U>(f: (value: T) => U, options?: VarOptions<U>): Var<U>;
  /** Follows the Var that `f` makes of the current value; the old one serves until the new one is known. */
  flatMap<U>(f: (value: T) => Var<U>, options?: VarOptions<U>): Var<U>;
}

export interface VarOptions<T> {
  readonly equals?: (a: T, b: T) => boolean;
  /** Dates staleness that a source reports as a failure. */
  readonly clock?: Clock;
}

export const pending: State<never> = Object.freeze({ tag: "pending" });
export const ok = <T>(value: T, about?: Omit<Ok<T>, "tag" | "value">): Ok<T> => ({ tag: "ok", value, ...about });
export const failed = (cause: Error): State<never> => ({ tag: "failed", cause });

type Start<T> = (set: (state: State<T>) => void) => Disposable;

interface Observer<T> {
  readonly fn: (state: State<T>) => void;
  seen: number;
  live: boolean;
}

const nothing: Disposable = { [Symbol.dispose]: () => undefined };

abstract class Base<T> implements Var<T> {
  abstract sample(): State<T>;
  abstract observe(fn: (state: State<T>) => void): Disposable;

  map<U>(f: (value: T) => U, options?: VarOptions<U>): Var<U> {
    let last: { readonly of: T; readonly made: U } | undefined;
    const apply = (state: State<T>): State<U> => {
      if (state.tag !== "ok") return state;
      if (!last || last.of !== state.value) last = { of: state.value, made: f(state.value) };
      return { ...state, value: last.made };
    };
    return new Cell<U>(
      (set) => this.observe((state) => set(apply(state))),
      options,
      () => apply(this.sample()),
    );
  }

  flatMap<U>(f: (value: T) => Var<U>, options?: VarOptions<U>): Var<U> {
    const peek = (): State<U> => {
      const outer = this.sample();
      return outer.tag === "ok" ? withTrouble(f(outer.value).sample(), outer) : outer;
    };
    return new Cell<U>((set) => new Follower(this, f, set), options, peek);
  }
}

class Constant<T> extends Base<T> {
  readonly #state: State<T>;
  constructor(value: T) {
    super();
    this.#state = ok(value);
  }
  sample(): State<T> {
    return this.#state;
  }
  observe(fn: (state: State<T>) => void): Disposable {
    fn(this.#state);
    return nothing;
  }
}

class Cell<T> extends Base<T> {
  readonly #start: Start<T>;
  readonly #equals: (a: T, b: T) => boolean;
  readonly #clock: Clock;
  readonly #peek: (() => State<T>) | undefined;
  #state: State<T> = pending;
  #version = 0;
  #observers: Observer<T>[] = [];
  #source: Disposable | undefined;
  #waiting: State<T>[] = [];
  #publishing = false;
  /** Grows with each start, so that a stopped source that still speaks is not heard. */
  #run = 0;

  constructor(start: Start<T>, options: VarOptions<T> = {}, peek?: () => State<T>) {
    super();
    this.#start = start;
    this.#equals = options.equals ?? Object.is;
    this.#clock = options.clock ?? systemClock;
    this.#peek = peek;
  }

  sample(): State<T> {
    return this.#observers.length === 0 && this.#peek ? this.#peek() : this.#state;
  }

  observe(fn: (state: State<T>) => void): Disposable {
    const observer: Observer<T> = { fn, seen: -1, live: true };
    this.#observers = [...this.#observers, observer];
    if (this.#observers.length === 1) this.#begin();
    if (observer.live && observer.seen < this.#version) this.#tell(observer);
    return { [Symbol.dispose]: () => this.#leave(observer) };
  }

  #begin(): void {
    const run = ++this.#run;
    const source = this.#start((state) => {
      if (run === this.#run) this.#set(state);
    });
    // An observer may have left, and ended this run, during a synchronous first value.
    if (run === this.#run) this.#source = source;
    else source[Symbol.dispose]();
  }

  #leave(observer: Observer<T>): void {
    if (!observer.live) return;
    observer.live = false;
    this.#observers = this.#observers.filter((other) => other !== observer);
    if (this.#observers.length > 0) return;
    this.#run++;
    const source = this.#source;
    this.#source = undefined;
    this.#state = pending;
    this.#waiting = [];
    source?.[Symbol.dispose]();
  }

  #tell(observer: Observer<T>): void {
    observer.seen = this.#version;
    observer.fn(this.#state);
  }

  #set(state: State<T>): void {
    this.#waiting.push(state);
    if (this.#publishing) return;
    this.#publishing = true;
    try {
      for (let next = this.#waiting.shift(); next; next = this.#waiting.shift()) this.#publish(next);
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
    for (const observer of this.#observers) {
      if (observer.live && observer.seen < version) this.#tell(observer);
    }
  }

  #merge(before: State<T>, next: State<T>): State<T> {
    if (next.tag === "pending") return before;
    if (before.tag !== "ok") return next;
    if (next.tag === "failed") {
      return { ...before, stale: { since: before.stale?.since ?? this.#clock.wall(), cause: next.cause } };
    }
    return this.#equals(before.value, next.value) ? { ...next, value: before.value } : next;
  }
}

/** The two subscriptions of a flatMap: the outer one, and the inner one that it chose last. */
class Follower<T, U> implements Disposable {
  readonly #outer: Disposable;
  readonly #set: (state: State<U>) => void;
  #outerState: State<T> = pending;
  #chosen: Var<U> | undefined;
  #current: Disposable | undefined;
  #currentState: State<U> = pending;
  /** Serves until `#current` is known. */
  #previous: Disposable | undefined;
  #done = false;

  constructor(outer: Var<T>, f: (value: T) => Var<U>, set: (state: State<U>) => void) {
    this.#set = set;
    this.#outer = outer.observe((state) => this.#follow(state, f));
    if (this.#done) this.#outer[Symbol.dispose]();
  }

  #follow(state: State<T>, f: (value: T) => Var<U>): void {
    if (this.#done) return;
    this.#outerState = state;
    if (state.tag !== "ok") return this.#set(state);
    const next = f(state.value);
    if (next === this.#chosen) return this.#tell();
    this.#chosen = next;
    if (this.#currentState.tag === "ok") {
      this.#previous?.[Symbol.dispose]();
      this.#previous = this.#current;
    } else {
      this.#current?.[Symbol.dispose]();
    }
    this.#current = undefined;
    this.#currentState = pending;
    const subscription = next.observe((inner) => this.#heard(next, inner));
    if (this.#done || this.#chosen !== next) subscription[Symbol.dispose]();
    else this.#current = subscription;
  }

  #heard(from: Var<U>, inner: State<U>): void {
    if (this.#done || from !== this.#chosen) return;
    this.#currentState = inner;
    if (inner.tag === "ok") {
      this.#previous?.[Symbol.dispose]();
      this.#previous = undefined;
    }
    this.#tell();
  }

  #tell(): void {
    this.#set(withTrouble(this.#currentState, this.#outerState));
  }

  [Symbol.dispose](): void {
    this.#done = true;
    this.#outer?.[Symbol.dispose]();
    this.#current?.[Symbol.dispose]();
    this.#previous?.[Symbol.dispose]();
  }
}

/** `state` with the staleness and hold of what it was derived from: trouble upstream is visible downstream. */
export function withTrouble<U>(state: State<U>, upstream: State<unknown>): State<U> {
  if (state.tag !== "ok" || upstream.tag !== "ok" || (!upstream.stale && !upstream.held)) return state;
  const stale = state.stale && upstream.stale ? older(state.stale, upstream.stale) : (state.stale ?? upstream.stale);
  const held = state.held ?? upstream.held;
  return { ...state, ...(stale ? { stale } : {}), ...(held ? { held } : {}) };
}

const older = (a: Stale, b: Stale): Stale => (a.since <= b.since ? a : b);

function sameState<T>(a: State<T>, b: State<T>): boolean {
  if (a === b) return true;
  if (a.tag === "failed" && b.tag === "failed") return a.cause.message === b.cause.message;
  if (a.tag !== "ok" || b.tag !== "ok") return a.tag === b.tag;
  return (
    a.value === b.value &&
    a.stale?.since === b.stale?.since &&
    a.stale?.cause.message === b.stale?.cause.message &&
    a.held?.until === b.held?.until &&
    a.held?.lost === b.held?.lost
  );
}

function combine<T, U>(vars: readonly Var<T>[], f: (states: readonly State<T>[]) => State<U>): Var<U> {
  const start: Start<U> = (set) => {
    const states: State<T>[] = vars.map(() => pending);
    let begun = 0;
    const subscriptions = vars.map((each, at) =>
      each.observe((state) => {
        begun = Math.max(begun, at + 1);
        states[at] = state;
        // Until the last one has spoken once there is no whole picture to publish.
        if (begun === vars.length) set(f([...states]));
      }),
    );
    if (vars.length === 0) set(f([]));
    return { [Symbol.dispose]: () => subscriptions.forEach((each) => each[Symbol.dispose]()) };
  };
  return new Cell<U>(start, {}, () => f(vars.map((each) => each.sample())));
}

function presence<T>(source: Var<T | undefined>): Var<Var<T> | undefined> {
  const content: Var<T> = new Cell<T>(
    (set) =>
      source.observe((state) => {
        if (state.tag !== "ok") set(state);
        else if (state.value !== undefined) set({ ...state, value: state.value });
      }),
    {},
    () => {
      const state = source.sample();
      return state.tag === "ok" && state.value === undefined ? pending : (state as State<T>);
    },
  );
  return source.map((value) => (value === undefined ? undefined : content));
}

export const Var: {
  of<T>(value: T): Var<T>;
  source<T>(start: Start<T>, options?: VarOptions<T>): Var<T>;
  combine<T, U>(vars: readonly Var<T>[], f: (states: readonly State<T>[]) => State<U>): Var<U>;
  /** Splits existence from content: the outer Var changes only when the value appears or vanishes. */
  presence<T>(v: Var<T | undefined>): Var<Var<T> | undefined>;
} = {
  of: (value) => new Constant(value),
  source: (start, options) => new Cell(start, options),
  combine,
  presence,
};
