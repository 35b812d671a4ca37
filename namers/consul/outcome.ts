/** What became of one write, of what its question met. */
import type { EntryOutcome } from "linkspan/plugin";
import { AgentError } from "./agent.ts";

export const DONE: EntryOutcome = { tag: "done" };

/** What the agent says no to is refused; everything else may go well the next time. */
export async function outcomeOf(work: () => Promise<void>): Promise<EntryOutcome> {
  try {
    await work();
    return DONE;
  } catch (error) {
    const isNo = error instanceof AgentError && error.status >= 400 && error.status < 500 && error.status !== 429;
    return { tag: isNo ? "refused" : "failed", cause: (error as Error).message };
  }
}
