/** A dtab under a key of Consul's KV store, followed by queries that wait for its next version. */
import {
  type BlockingIndex,
  type Clock,
  type DtabListener,
  type DtabReading,
  type DtabSource,
  nextIndex,
  ok,
  type Random,
  sleep,
  watch,
} from "linkspan/plugin";
import { type AgentAnswer, AgentError, type AgentQuestion, ConsulAgent } from "./agent.ts";
import type { AgentConnections } from "./connections.ts";
import type { ConsistencyMode } from "./options.ts";
import { Pace } from "./pace.ts";
import type { TokenSource } from "./token-source.ts";

/** How long a query may wait for another version. */
const WAIT_MS = 30_000;
/** How often the key is read by an agent that gives no index to wait for. */
const POLL_MS = 1_000;

export interface DtabKeyOptions {
  /** It closes them. */
  readonly connections: AgentConnections;
  readonly tokens: TokenSource;
  /** Without a slash at either end. */
  readonly key: string;
  readonly datacenter: string | undefined;
  readonly consistencyMode: ConsistencyMode;
  readonly clock: Clock;
  readonly random: Random;
  readonly retry: { readonly minMs: number; readonly maxMs: number };
}

export class DtabKey implements DtabSource {
  readonly place: string;
  readonly #options: DtabKeyOptions;
  readonly #agent: ConsulAgent;

  constructor(options: DtabKeyOptions) {
    const { connections, tokens, clock } = options;
    this.#options = options;
    this.#agent = new ConsulAgent(connections, tokens, clock);
    this.place = `consul:${options.key}`;
  }

  follow(listener: DtabListener): Disposable {
    const { clock, random, retry } = this.#options;
    return watch<DtabReading>({
      attempt: (emit, signal) => this.#ask((reading) => emit(ok(reading)), signal),
      set(state) {
        if (state.tag === "ok") listener.heard(state.value);
        else if (state.tag === "failed") listener.failed(state.cause);
      },
      clock,
      random,
      retry,
    });
  }

  async confirm(signal: AbortSignal): Promise<DtabReading> {
    return (await this.#read({ path: this.#path("consistent"), lane: "fresh", signal })).reading;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.connections[Symbol.dispose]();
  }

  /** Asks on, each question for what is newer than the last answer, until it fails. */
  async #ask(heard: (reading: DtabReading) => void, signal: AbortSignal): Promise<void> {
    const { clock, random, consistencyMode } = this.#options;
    const path = this.#path(consistencyMode);
    const pace = new Pace(clock, random);
    let index: BlockingIndex | undefined;
    let last: string | undefined;
    for (let isFirst = true; ; isFirst = false) {
      const askedAt = clock.now();
      const waiting = index === undefined ? {} : { index, waitMs: WAIT_MS };
      const answer = await this.#read({ path, lane: "watch", signal, ...waiting });
      heard(answer.reading);
      const isNews = isFirst || answer.reading.text !== last;
      last = answer.reading.text;
      index = nextIndex(index, answer.index);
      const pauseMs = pace.next(askedAt, isNews);
      await sleep(clock, index === undefined ? Math.max(pauseMs, POLL_MS) : pauseMs, signal);
    }
  }

  async #read(question: AgentQuestion): Promise<Pick<AgentAnswer, "index"> & { readonly reading: DtabReading }> {
    try {
      const { text, index } = await this.#agent.ask(question);
      return { reading: { text, ...(index === undefined ? {} : { revision: String(index.value) }) }, index };
    } catch (error) {
      if (!(error instanceof AgentError) || error.status !== 404) throw error;
      return { reading: { text: undefined }, index: error.index };
    }
  }

  #path(mode: ConsistencyMode): string {
    const { key, datacenter } = this.#options;
    const path = `/v1/kv/${key.split("/").map(encodeURIComponent).join("/")}?raw=true`;
    const consistency = mode === "default" ? "" : `&${mode}=true`;
    return `${path}${consistency}${datacenter === undefined ? "" : `&dc=${encodeURIComponent(datacenter)}`}`;
  }
}
