/** What the schedule keeps current, and how it asks. */
import type { BlockingIndex } from "linkspan/plugin";
import type { AgentAnswer } from "./agent.ts";
import type { Catalogue } from "./catalogue.ts";

export interface NameQuestion {
  readonly lane: "read" | "watch";
  /** With both it waits for something newer. */
  readonly index?: BlockingIndex;
  readonly waitMs?: number;
  readonly signal: AbortSignal;
}

/** One name of a registry, while somebody observes it. */
export interface Followed {
  /** The datacenter that it is in. */
  readonly catalogue: Catalogue;
  /** Asks about the name, and believes nothing yet. */
  ask(question: NameQuestion): Promise<AgentAnswer>;
  /** Takes an answer, and says whether it differs from the last. Throws when it cannot be read: then nothing is taken. */
  take(answer: AgentAnswer): boolean;
  /** Whether an answer differs from the last. Throws when it cannot be read. */
  isNews(answer: AgentAnswer): boolean;
  failed(cause: Error): void;
  /** A second look found other than what the watch had said. */
  repaired(): void;
}
