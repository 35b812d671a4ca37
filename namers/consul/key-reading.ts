/** Keys of Consul's KV store: what they hold now, and what they hold next. */
import { type BlockingIndex, type Clock, nextIndex, type Random, sleep } from "linkspan/plugin";
import { AgentError, type AgentQuestion, type ConsulAgent } from "./agent.ts";
import { Pace } from "./pace.ts";

/** How long a question may wait for another version. */
const WAIT_MS = 30_000;
/** How often a key is read of an agent that gives no index to wait for. */
const POLL_MS = 1_000;

export interface KeyReading {
  /** Undefined where there is no such key. */
  readonly text: string | undefined;
  readonly index: BlockingIndex | undefined;
}

/** Throws what the agent answers, but for the absence of the key. */
export async function readKey(agent: ConsulAgent, question: AgentQuestion): Promise<KeyReading> {
  try {
    return await agent.ask(question);
  } catch (error) {
    if (!(error instanceof AgentError) || error.status !== 404) throw error;
    return { text: undefined, index: error.index };
  }
}

export interface KeyFollowing {
  readonly agent: ConsulAgent;
  readonly path: string;
  readonly clock: Clock;
  readonly random: Random;
  readonly signal: AbortSignal;
  /** Each answer, whether it is news or not. Throws where it cannot be read. */
  heard(reading: KeyReading): void;
}

/** Asks on, each question for what is newer than the last answer, until it fails. */
export async function followKey({ agent, path, clock, random, signal, heard }: KeyFollowing): Promise<never> {
  const pace = new Pace(clock, random);
  let index: BlockingIndex | undefined;
  let last: string | undefined;
  for (let isFirst = true; ; isFirst = false) {
    const askedAt = clock.now();
    const waiting = index === undefined ? {} : { index, waitMs: WAIT_MS };
    const reading = await readKey(agent, { path, lane: "watch", signal, ...waiting });
    heard(reading);
    const isNews = isFirst || reading.text !== last;
    last = reading.text;
    index = nextIndex(index, reading.index);
    const pauseMs = pace.next(askedAt, isNews);
    await sleep(clock, index === undefined ? Math.max(pauseMs, POLL_MS) : pauseMs, signal);
  }
}
