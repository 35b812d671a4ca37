/** What the charts show: differences between successive totals. */
import type { AdminState } from "../state.ts";

export interface Totals {
  /** Epoch ms. */
  readonly at: number;
  readonly requests: number;
  readonly failures: number;
  readonly p99Ms: number;
}

export interface History {
  /** Epoch seconds. */
  readonly times: readonly number[];
  readonly rates: readonly number[];
  readonly successes: readonly (number | null)[];
  readonly p99s: readonly number[];
}

export const emptyHistory: History = { times: [], rates: [], successes: [], p99s: [] };
const kept = 120;

export function totalsOf(state: AdminState): Totals {
  const routes = state.routers.flatMap((router) => router.routes);
  const sum = (of: (route: (typeof routes)[number]) => number): number =>
    routes.reduce((total, route) => total + of(route), 0);
  const p99Ms = Math.max(0, ...routes.map((route) => route.p99Ms));
  return { at: state.at, requests: sum((route) => route.requests), failures: sum((route) => route.failures), p99Ms };
}

/** `history` with the second between `before` and `now`. Totals that went back (another page, a restart) give no point. */
export function extended(history: History, before: Totals | undefined, now: Totals): History {
  if (!before || now.requests < before.requests || now.at <= before.at) return history;
  const requests = now.requests - before.requests;
  const failures = Math.max(0, now.failures - before.failures);
  const last = <T>(list: readonly T[], next: T): readonly T[] => [...list, next].slice(-kept);
  return {
    times: last(history.times, now.at / 1_000),
    rates: last(history.rates, (requests * 1_000) / (now.at - before.at)),
    successes: last(history.successes, requests === 0 ? null : (1 - failures / requests) * 100),
    p99s: last(history.p99s, now.p99Ms),
  };
}
