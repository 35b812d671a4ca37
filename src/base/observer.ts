/** Who observes a Var, and how states are delivered. */
import type { State, Var } from "./state.ts";

/** Where an observer leaves. */
export interface Observed<T> {
  leave(observer: Observer<T>): void;
}

/**
 * One observation, from when it joins until it is disposed; then it may join again. Those of one Var are a list, in the
 * order they came in.
 */
export abstract class Observer<T> implements Disposable {
  next: Observer<T> | undefined;
  /** Of the first one the last: tens of thousands of names observe the dtab of their router, and no walk may find its end. */
  previous: Observer<T> | undefined;
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

/** Whoever listens and is no observer itself. */
export interface Listener<T> {
  heard(state: State<T>): void;
}

class ListenerObserver<T> extends Observer<T> {
  readonly #to: Listener<T>;

  constructor(to: Listener<T>) {
    super();
    this.#to = to;
  }

  hear(state: State<T>): void {
    this.#to.heard(state);
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

/** As `observe`, without a function for each who does. */
export function observeAs<T>(of: Pick<Var<T>, "observe">, to: Listener<T>): Disposable {
  const observer = new ListenerObserver<T>(to);
  joinAs(of, observer);
  return observer;
}

/** `observer` leaves `before`, which it observes, for `next`; a source that both share runs on meanwhile. */
export function moveTo<T>(next: Var<T>, observer: Observer<T>, before: Var<T> | undefined): void {
  using _ = before?.observe(() => undefined);
  observer.of?.leave(observer);
  joinAs(next, observer);
}

function isJoinable<T>(of: Pick<Var<T>, "observe">): of is Pick<Var<T>, "observe"> & Joinable<T> {
  return "join" in of;
}

interface Joinable<T> {
  join(observer: Observer<T>): void;
}

/** The list with one more at its end. */
export function withObserver<T>(first: Observer<T> | undefined, observer: Observer<T>): Observer<T> {
  const last = first?.previous ?? observer;
  observer.next = undefined;
  observer.previous = last;
  if (!first) return observer;
  last.next = observer;
  first.previous = observer;
  return first;
}

/** The list without one of it, whose own `next` stays: somebody may be on the way along the list. */
export function withoutObserver<T>(first: Observer<T> | undefined, observer: Observer<T>): Observer<T> | undefined {
  const { next, previous } = observer;
  observer.previous = undefined;
  if (next) next.previous = previous;
  else if (first) first.previous = previous;
  if (first === observer) return next;
  if (previous) previous.next = next;
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
