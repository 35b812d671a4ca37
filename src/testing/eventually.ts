/** Waits for what must become true, with a deadline, so that no test sleeps and hopes. */
import { setTimeout as pause } from "node:timers/promises";

const SLOWNESS = Number(process.env["LINKSPAN_SLOW"] ?? 1);

/** Resolves with the first value of `probe` that is not undefined or false; rejects after `withinMs`, times `LINKSPAN_SLOW`. */
export async function eventually<T>(
  what: string,
  probe: () => T | undefined | false | Promise<T | undefined | false>,
  withinMs = 5_000,
): Promise<T> {
  const deadline = performance.now() + withinMs * SLOWNESS;
  for (;;) {
    const found = await probe();
    if (found !== undefined && found !== false) return found;
    if (performance.now() > deadline) throw new Error(`not within ${withinMs} ms: ${what}`);
    await pause(5);
  }
}

/** Waits long enough for what must not happen to have happened: for the absence of a repeat, never for an event. */
export function quietFor(ms: number): Promise<void> {
  return pause(ms * SLOWNESS);
}
