/** A promise about time, as tests state it: a condition that must come true by a deadline. */

/** Machines that are slower than the ones the promises were made for set LINKSPAN_SLOW above 1. */
export const slowness = Number(process.env["LINKSPAN_SLOW"] ?? "1");

/** Resolves with the ms it took; rejects naming what did not come true. */
export async function waitUntil(
  what: string,
  withinMs: number,
  holds: () => boolean | Promise<boolean>,
): Promise<number> {
  const startedAt = performance.now();
  const deadline = startedAt + withinMs * slowness;
  const late = new Error(`not within ${withinMs * slowness} ms: ${what}`);
  while (!(await before(deadline, holds(), late))) {
    if (performance.now() > deadline) throw late;
    await letPass(10);
  }
  return performance.now() - startedAt;
}

/** What is asked may itself hang, and is then late like any other answer. */
function before(deadline: number, answer: boolean | Promise<boolean>, late: Error): boolean | Promise<boolean> {
  if (typeof answer === "boolean") return answer;
  const { promise, resolve, reject } = Promise.withResolvers<boolean>();
  const timer = setTimeout(() => reject(late), Math.max(0, deadline - performance.now())).unref();
  answer.then(resolve, reject).finally(() => clearTimeout(timer));
  return promise;
}

/** Time that a scenario lets pass, such as the length of an outage; never a wait for something to happen. */
export function letPass(ms: number): Promise<void> {
  return new Promise((resolve) => setTimeout(resolve, ms));
}
