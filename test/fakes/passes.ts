/** Waits until an assertion passes, with a deadline; the assertion's own error tells what was missing. */
import { setTimeout as pause } from "node:timers/promises";

export async function passes(check: () => void, withinMs = 5000): Promise<void> {
  const deadline = performance.now() + withinMs * Number(process.env["LINKSPAN_SLOW"] ?? 1);
  for (;;) {
    try {
      return check();
    } catch (error) {
      if (performance.now() > deadline) throw error;
    }
    await pause(5);
  }
}
