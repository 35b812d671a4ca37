/** The loop of a source that asks about one service again and again. */
import type { Clock, Random } from "../base/time.ts";
import { ok } from "../base/var.ts";
import { watch, type WatchOptions } from "../base/watch.ts";
import type { ServiceListener, ServiceReading } from "./guarded-service.ts";

export interface FollowOptions {
  readonly clock: Clock;
  readonly random: Random;
  readonly listener: ServiceListener;
  /**
   * Asks and calls `heard` for every full answer, for as long as it goes well: once and then waits, or waits for
   * changes. Rejects when it does not go well, and is called again after a back-off; when it resolves, at once.
   */
  readonly attempt: (heard: (reading: ServiceReading) => void, signal: AbortSignal) => Promise<void>;
  /** The first and the longest delay after failures; 100 ms and 1 s unless given. */
  readonly retry?: WatchOptions<unknown>["retry"];
}

/** Runs until it is disposed: what a `ServiceSource` returns from `follow`. */
export function followService(options: FollowOptions): Disposable {
  const { clock, random, listener, attempt, retry = { minMs: 100, maxMs: 1_000 } } = options;
  return watch<ServiceReading>({
    attempt: (emit, signal) => attempt((reading) => emit(ok(reading)), signal),
    set(state) {
      if (state.tag === "ok") listener.heard(state.value);
      else if (state.tag === "failed") listener.failed(state.cause);
    },
    clock,
    random,
    retry,
  });
}
