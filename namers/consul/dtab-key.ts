/** A dtab under a key of Consul's KV store, followed by queries that wait for its next version. */
import {
  type Clock,
  type DtabListener,
  type DtabReading,
  type DtabSource,
  ok,
  type Random,
  watch,
} from "linkspan/plugin";
import { ConsulAgent } from "./agent.ts";
import type { AgentConnections } from "./connections.ts";
import { followKey, type KeyReading, readKey } from "./key-reading.ts";
import type { ConsistencyMode } from "./options.ts";
import type { TokenSource } from "./token-source.ts";

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
    const { clock, random, retry, consistencyMode } = this.#options;
    return watch<DtabReading>({
      attempt: (emit, signal) =>
        followKey({
          agent: this.#agent,
          path: this.#path(consistencyMode),
          clock,
          random,
          signal,
          heard: (reading) => emit(ok(dtabIn(reading))),
        }),
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
    return dtabIn(await readKey(this.#agent, { path: this.#path("consistent"), lane: "fresh", signal }));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.connections[Symbol.dispose]();
  }

  #path(mode: ConsistencyMode): string {
    const { key, datacenter } = this.#options;
    const path = `/v1/kv/${key.split("/").map(encodeURIComponent).join("/")}?raw=true`;
    const consistency = mode === "default" ? "" : `&${mode}=true`;
    return `${path}${consistency}${datacenter === undefined ? "" : `&dc=${encodeURIComponent(datacenter)}`}`;
  }
}

const dtabIn = ({ text, index }: KeyReading): DtabReading => ({
  text,
  ...(text === undefined || index === undefined ? {} : { revision: String(index.value) }),
});
