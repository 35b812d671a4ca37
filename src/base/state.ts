/** What a Var can say, and the verbs it has. */
import type { Clock } from "./time.ts";

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

/**
 * A value that changes over time. While it is observed: once ok it stays ok, and later trouble is `stale`; equal states
 * are published once; what an observer sets is delivered after what is being delivered. Unobserved, it forgets.
 */
export interface Var<out T> {
  /**
   * The state as last seen, with the source's newest `revision` and `confirmedAt`. Sampling never starts a source; it
   * walks to the source, so whatever must be fast observes.
   */
  sample(): State<T>;
  /** Calls `fn` with the current state, then after every change, until disposed. What `fn` throws is a bug, and surfaces as one. */
  observe(fn: (state: State<T>) => void): Disposable;
  /** When `f` throws, that is a failure of the new Var. */
  map<U>(f: (value: T) => U, options?: VarOptions<U>): Var<U>;
  /** Follows the Var that `f` makes of the current value; the old one serves, and moves, until the new one is known. */
  flatMap<U>(f: (value: T) => Var<U>, options?: VarOptions<U>): Var<U>;
}

export interface VarOptions<T> {
  readonly equals?: (a: T, b: T) => boolean;
  /** Dates staleness that a source reports as a failure; what is derived inherits it. */
  readonly clock?: Clock;
}

/** Runs while its Var is observed; what it returns ends it. When it throws, the Var has failed. */
export type Start<T> = (set: (state: State<T>) => void) => Disposable;

export const pending: State<never> = Object.freeze({ tag: "pending" });
export const ok = <T>(value: T, about?: Omit<Ok<T>, "tag" | "value">): Ok<T> => ({ tag: "ok", value, ...about });
export const failed = (cause: Error): State<never> => ({ tag: "failed", cause });

/** `state` with the staleness and hold of what it was derived from: trouble upstream is visible downstream. */
export function withTrouble<U>(state: State<U>, upstream: State<unknown>): State<U> {
  if (state.tag !== "ok" || upstream.tag !== "ok" || (!upstream.stale && !upstream.held)) return state;
  const stale = state.stale && upstream.stale ? older(state.stale, upstream.stale) : (state.stale ?? upstream.stale);
  const held = state.held ?? upstream.held;
  return { ...state, ...(stale ? { stale } : {}), ...(held ? { held } : {}) };
}

/** Whether nothing happened between two states that an observer would have to know. */
export function sameState<T>(a: State<T>, b: State<T>): boolean {
  if (a === b) return true;
  if (a.tag === "failed" && b.tag === "failed") return a.cause.message === b.cause.message;
  if (a.tag !== "ok" || b.tag !== "ok") return a.tag === b.tag;
  return Object.is(a.value, b.value) && sameStale(a.stale, b.stale) && sameHeld(a.held, b.held);
}

/** What becomes of `before` when its source says `next`: what is known stays known, and the same value the same object. */
export function merged<T>(
  before: State<T>,
  next: State<T>,
  equals: (a: T, b: T) => boolean,
  clock: Pick<Clock, "wall">,
): State<T> {
  if (next.tag === "pending") return before;
  if (before.tag !== "ok") return next;
  if (next.tag === "failed") {
    return { ...before, stale: { since: before.stale?.since ?? clock.wall(), cause: next.cause } };
  }
  return equals(before.value, next.value) ? { ...next, value: before.value } : next;
}

/** `state` with the dates of `fresh`, where it has any. */
export function redated<T>(state: Ok<T>, fresh: State<unknown> | undefined): Ok<T> {
  if (fresh?.tag !== "ok") return state;
  const { revision, confirmedAt } = fresh;
  return {
    ...state,
    ...(revision === undefined ? {} : { revision }),
    ...(confirmedAt === undefined ? {} : { confirmedAt }),
  };
}

/** `attempt`'s result, or what it threw as a failure. */
export function orFailed<U>(attempt: () => State<U>): State<U> {
  try {
    return attempt();
  } catch (error) {
    return failed(error instanceof Error ? error : new Error(String(error)));
  }
}

const older = (a: Stale, b: Stale): Stale => (a.since <= b.since ? a : b);

function sameStale(a: Stale | undefined, b: Stale | undefined): boolean {
  return a?.since === b?.since && a?.cause.message === b?.cause.message;
}

function sameHeld(a: Held | undefined, b: Held | undefined): boolean {
  return a?.since === b?.since && a?.until === b?.until && a?.lost === b?.lost;
}
