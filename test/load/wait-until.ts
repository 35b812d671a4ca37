/** A promise about time, as tests state it: a condition that must come true by a deadline. */

/** Machines that are slower than the ones the promises were made for set LINKSPAN_SLOW above 1. */
const slowness = Number(process.env["LINKSPAN_SLOW"] ?? "1");

/** Resolves with the ms it took; rejects naming what did not come true. */
export async function waitUntil(
  what: string,
  withinMs: number,
  holds: () => boolean | Promise<boolean>,
): Promise<number> {
  const startedAt = performance.now();
  const deadline = startedAt + withinMs * slowness;
  while (!(await holds())) {
    if (performance.now() > deadline) throw new Error(`not within ${withinMs * slowness} ms: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
  return performance.now() - startedAt;
}

/** Time that a scenario lets pass, such as the length of an outage; never a wait for something to happen. */
export function letPass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
