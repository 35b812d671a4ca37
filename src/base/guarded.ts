/** What passes between a namer's watch and the mass-loss guard. */
import type { LogFields } from "./log.ts";
import type { Held } from "./state.ts";
import type { Backoff, Clock } from "./time.ts";

/** What the source withdrew by a sign: not ready, terminating, critical, disabled. "all": whatever is absent is meant so. */
export type Signs = ReadonlySet<string> | "all";

/** One full answer of the source. `members` undefined: there is no such name. */
export interface Reading<M> {
  readonly members: ReadonlyMap<string, M> | undefined;
  readonly signs?: Signs;
}

/** What is to be believed of a name now. */
export interface Guarded<M> {
  readonly members: ReadonlyMap<string, M> | undefined;
  readonly held?: Held;
}

export type Publish<M> = (guarded: Guarded<M>) => void;
/** Reads the name on a fresh connection, consistently. Rejects when it cannot. */
export type Confirm<M> = (signal: AbortSignal) => Promise<Reading<M>>;

/** Who follows a name, and is told what to believe of it. */
export interface Believer<M> {
  believe(guarded: Guarded<M>): void;
  /** Absent, a loss is believed when the hold is over. */
  confirm?(signal: AbortSignal): Promise<Reading<M>>;
}

/** What a name's guard asks of its source's. */
export interface GuardedSource {
  readonly settings: { readonly holdMs: number; readonly nameShare: number };
  readonly clock: Clock;
  countName(present: -1 | 1, joined: -1 | 0 | 1): void;
  hasMassLoss(more: 0 | 1): boolean;
  inTurn(read: (signal: AbortSignal) => Promise<void>): void;
  newBackoff(): Backoff;
  forget(key: string, name: object): void;
  tell(event: "guard.held" | "guard.unconfirmed" | "guard.released", fields: LogFields): void;
}

/**
 * Rejects with the signal's reason when that comes first, or was there before: a read that hangs must not hang the guard.
 * Nothing stays at the signal, which may outlive many of them.
 */
export async function untilAborted<T>(work: Promise<T>, signal: AbortSignal): Promise<T> {
  const { promise, resolve, reject } = Promise.withResolvers<T>();
  work.then(resolve, reject);
  const aborted = (): void => reject(signal.reason as Error);
  if (signal.aborted) aborted();
  signal.addEventListener("abort", aborted, { once: true });
  try {
    return await promise;
  } finally {
    signal.removeEventListener("abort", aborted);
  }
}
