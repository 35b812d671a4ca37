/** How a defect of linkspan itself is told. */
import type { Log } from "./log.ts";

/** Writes each with its stack, as the event `bug`. */
export function bugsTo(log: Pick<Log, "error">): (error: unknown) => void {
  return (error) =>
    log.error("bug", { error: error instanceof Error ? (error.stack ?? error.message) : String(error) });
}
