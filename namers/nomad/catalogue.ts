/** The list of a namespace's services: which there are, and that something about one of them has changed. */
import { type Clock, type Random, type State, Var, ok, watch } from "linkspan/plugin";
import type { NomadAgent } from "./agent.ts";
import { blockingQuery } from "./blocking-query.ts";
import { readNames } from "./registrations.ts";

/** The services of a namespace, and the index under which they were listed: any change of one of them moves it. */
export interface Listing {
  readonly names: readonly string[];
  readonly index: number;
}

export interface CatalogueOptions {
  readonly agent: NomadAgent;
  readonly namespace: string;
  /** Between two listings at least, so that a storm of changes is one sweep. */
  readonly leastMs: number;
  readonly clock: Clock;
  readonly random: Random;
}

/** Asked while it is observed. */
export function catalogue({ agent, namespace, leastMs, clock, random }: CatalogueOptions): Var<Listing> {
  const start = (set: (state: State<Listing>) => void): Disposable =>
    watch<Listing>({
      attempt: (emit, signal) =>
        blockingQuery({
          agent,
          path: "/v1/services",
          clock,
          signal,
          leastMs,
          heard: ({ value, index }) => emit(ok({ names: readNames(value, namespace), index: index?.value ?? 0 })),
        }),
      set,
      clock,
      random,
      retry: { minMs: 100, maxMs: 1_000 },
    });
  return Var.source<Listing>(start, { clock, equals: (a, b) => a.index === b.index });
}

/** Resolves when the listing is another one than at the call; rejects when it cannot be asked for, or `signal` aborts. */
export function nextChange(listing: Var<Listing>, signal: AbortSignal): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  let known: number | undefined;
  const aborted = (): void => reject(signal.reason as Error);
  signal.addEventListener("abort", aborted, { once: true });
  const subscription = listing.observe((state) => {
    if (state.tag === "failed") return reject(state.cause);
    if (state.tag !== "ok") return;
    if (state.stale) return reject(state.stale.cause);
    known ??= state.value.index;
    if (state.value.index !== known) resolve();
  });
  return promise.finally(() => {
    subscription[Symbol.dispose]();
    signal.removeEventListener("abort", aborted);
  });
}
