/** Long work in small pieces: between them the event loop goes round, and who serves in the same thread goes on. */

/** How many items of some µs each, or of some 20 where code is not warm, are one piece. */
export const ITEMS_A_STEP = 50;

/** One round of the event loop. */
export function turn(): Promise<void> {
  return new Promise((resolve) => void setImmediate(resolve));
}

/** Does work that yields after each piece, with a turn before each and after the last. */
export async function inTurns<T>(work: Generator<void, T>): Promise<T> {
  for (;;) {
    await turn();
    const { done, value } = work.next();
    if (done !== true) continue;
    await turn();
    return value;
  }
}

/** The same without turns. */
export function atOnce<T>(work: Generator<void, T>): T {
  for (;;) {
    const { done, value } = work.next();
    if (done === true) return value;
  }
}
