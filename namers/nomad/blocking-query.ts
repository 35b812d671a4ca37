/** The loop of a blocking query: an answer for each change, at a bounded pace. */
import { type BlockingIndex, type Clock, nextIndex, sleep } from "linkspan/plugin";
import type { NomadAgent, NomadAnswer } from "./agent.ts";

/**
 * The agent may let a query wait a sixteenth longer. Servers that began anew with lower indexes behind the same
 * connections are found out only when it is over, and an abandoned query costs the agent a connection until then.
 */
const WAIT_MS = 10_000;
/** Between the begins of two queries while answers are new, and while the agent answers at once with nothing new. */
const LEAST_MS = 100;
const MOST_MS = 5_000;

export interface BlockingQueryOptions {
  readonly agent: NomadAgent;
  readonly path: string;
  readonly clock: Clock;
  readonly signal: AbortSignal;
  readonly leastMs?: number;
  readonly heard: (answer: NomadAnswer) => void;
}

/** Never resolves: rejects when an answer is none, and when `signal` aborts. Begins without an index each time. */
export async function blockingQuery(options: BlockingQueryOptions): Promise<never> {
  const { agent, path, clock, signal, leastMs = LEAST_MS, heard } = options;
  let index: BlockingIndex | undefined;
  let paceMs = leastMs;
  for (;;) {
    const askedAt = clock.now();
    const waiting = index === undefined ? {} : { index, waitMs: WAIT_MS };
    const answer = await agent.ask({ path, signal, ...waiting });
    if (answer.index === undefined) throw new Error("Nomad's answer has no X-Nomad-Index");
    heard(answer);
    const isNew = answer.index.value !== index?.value;
    const tookMs = clock.now() - askedAt;
    paceMs = isNew || tookMs >= WAIT_MS / 2 ? leastMs : Math.min(MOST_MS, paceMs * 2);
    index = nextIndex(index, answer.index);
    if (tookMs < paceMs) await sleep(clock, paceMs - tookMs, signal);
  }
}
