/** Who observes a Var, and how states are delivered. */
import type { State, Var } from "./state.ts";

/** Where an observer leaves. */
export interface Observed<T> {
  leave(observer: Observer<T>): void;
}

/** One observation, from when it joins until it is disposed. Those of one Var are a list, in the order they came in. */
export abstract class Observer<T> implements Disposable {
  next: Observer<T> | undefined;
  /** Of the first one the last: tens of thousands of names observe the dtab of their router, and no walk may find its end. */
  previous: Observer<T> = this;
  /** What it joined; none once it has left. */
  of: Observed<T> | undefined;
  /** The version that it was told last. */
  seen = -1;

  abstract hear(state: State<T>): void;

  [Symbol.dispose](): void {
    this.of?.leave(this);
  }
}

export class FunctionObserver<T> extends Observer<T> {
  readonly #fn: (state: State<T>) => void;

  constructor(fn: (state: State<T>) => void) {
    super();
    this.#fn = fn;
  }

  hear(state: State<T>): void {
    this.#fn(state);
  }
}

/** Whoever follows others: it is told which of its runs an observation is of. */
export interface RunListener<T> {
  heard(run: number, state: State<T>): void;
}

class RunObserver<T> extends Observer<T> {
  readonly #to: RunListener<T>;
  readonly #run: number;

  constructor(to: RunListener<T>, run: number) {
    super();
    this.#to = to;
    this.#run = run;
  }

  hear(state: State<T>): void {
    this.#to.heard(this.#run, state);
  }
}

/** As `observe`, for an observer that is one already; it may leave as soon as it is told its first state. */
export function joinAs<T>(of: Pick<Var<T>, "observe">, observer: Observer<T>): void {
  if (isJoinable(of)) of.join(observer);
  else new Elsewhere<T>().join(of, observer);
}

/** A Var that knows no observers but functions. */
class Elsewhere<T> implements Observed<T> {
  #subscription: Disposable | undefined;
  #isLeft = false;

  join(of: Pick<Var<T>, "observe">, observer: Observer<T>): void {
    observer.of = this;
    const subscription = of.observe((state) => {
      if (!this.#isLeft) observer.hear(state);
    });
    if (this.#isLeft) subscription[Symbol.dispose]();
    else this.#subscription = subscription;
  }

  leave(observer: Observer<T>): void {
    observer.of = undefined;
    this.#isLeft = true;
    this.#subscription?.[Symbol.dispose]();
  }
}

/** As `observe`, without a function for each who does: `to` is told every state with the number of this run. */
export function observeAs<T>(of: Pick<Var<T>, "observe">, to: RunListener<T>, run = 0): Disposable {
  const observer = new RunObserver<T>(to, run);
  if (!isJoinable(of)) return of.observe((state) => observer.hear(state));
  of.join(observer);
  return observer;
}

function isJoinable<T>(of: Pick<Var<T>, "observe">): of is Pick<Var<T>, "observe"> & Joinable<T> {
  return "join" in of;
}

interface Joinable<T> {
  join(observer: Observer<T>): void;
}

/** The list with one more at its end. */
export function withObserver<T>(first: Observer<T> | undefined, observer: Observer<T>): Observer<T> {
  if (!first) return observer;
  observer.previous = first.previous;
  first.previous.next = observer;
  first.previous = observer;
  return first;
}

/** The list without one of it, whose own `next` stays: somebody may be on the way along the list. */
export function withoutObserver<T>(first: Observer<T> | undefined, observer: Observer<T>): Observer<T> | undefined {
  const { next, previous } = observer;
  if (next) next.previous = previous;
  else if (first) first.previous = previous;
  if (first === observer) return next;
  previous.next = next;
  return first;
}

/** An observer that throws has a bug of its own: the others, and the source, go on, and the error surfaces uncaught. */
export function deliver<T>(observer: Observer<T>, state: State<T>): void {
  try {
    observer.hear(state);
  } catch (error) {
    queueMicrotask(() => {
      throw error;
    });
  }
}
