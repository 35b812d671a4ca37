/** A store of small texts in Consul's KV store: a key each, below one key. */
import {
  type Clock,
  type Documents,
  type DocumentStore,
  LARGEST_DOCUMENT,
  ok,
  type Random,
  sameDocuments,
  type StoredDocument,
  Var,
  versionOf,
  watch,
} from "linkspan/plugin";
import { ConsulAgent } from "./agent.ts";
import type { AgentConnections } from "./connections.ts";
import { followKey, readKey } from "./key-reading.ts";
import type { TokenSource } from "./token-source.ts";

const RETRY = { minMs: 100, maxMs: 5_000 };
const WRITE_MS = 5_000;
const NO_ENTRIES = "[]";

export interface ConsulDocumentsOptions {
  /** It closes them. */
  readonly connections: AgentConnections;
  readonly tokens: TokenSource;
  /** What the keys begin with, without a slash at either end. */
  readonly key: string;
  readonly datacenter: string | undefined;
  readonly clock: Clock;
  readonly random: Random;
}

interface Entry {
  readonly text: string;
  readonly modifyIndex: number;
}

export class ConsulDocuments implements DocumentStore {
  readonly place: string;
  readonly documents: Var<Documents>;
  readonly #options: ConsulDocumentsOptions;
  readonly #agent: ConsulAgent;

  constructor(options: ConsulDocumentsOptions) {
    const { connections, tokens, clock, random, key } = options;
    this.#options = options;
    this.#agent = new ConsulAgent(connections, tokens, clock);
    this.place = `${this.#agent.shown}, ${key}`;
    this.documents = Var.source<Documents>(
      (set) =>
        watch<Documents>({
          attempt: (emit, signal) => this.#follow((documents) => emit(ok(documents)), signal),
          set,
          clock,
          random,
          retry: RETRY,
        }),
      { clock, equals: sameDocuments },
    );
  }

  /** The index of the key holds from the look at what is written over until it is. */
  async write(name: string, text: string, over: string | undefined): Promise<string | undefined> {
    const signal = AbortSignal.timeout(WRITE_MS);
    const before = await this.#entry(name, signal);
    if ((before === undefined ? undefined : versionOf(before.text)) !== over) return undefined;
    const path = `${this.#path(name)}?cas=${before?.modifyIndex ?? 0}${this.#datacenter("&")}`;
    const { text: answer } = await this.#agent.ask({ path, lane: "write", method: "PUT", body: text, signal });
    return answer.trim() === "true" ? versionOf(text) : undefined;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#options.connections[Symbol.dispose]();
  }

  async #follow(heard: (documents: Documents) => void, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#options;
    const path = `${this.#path("")}?recurse=true${this.#datacenter("&")}`;
    await followKey({
      agent: this.#agent,
      path,
      clock,
      random,
      signal,
      heard: ({ text }) => heard(this.#documentsIn(text ?? NO_ENTRIES)),
    });
  }

  async #entry(name: string, signal: AbortSignal): Promise<Entry | undefined> {
    const path = `${this.#path(name)}?consistent=true${this.#datacenter("&")}`;
    const { text } = await readKey(this.#agent, { path, lane: "read", signal });
    return entriesIn(text ?? NO_ENTRIES)[0]?.[1];
  }

  #documentsIn(text: string): Documents {
    const beginning = `${this.#options.key}/`;
    return new Map(
      entriesIn(text).flatMap(([key, entry]): [string, StoredDocument][] => {
        const name = key.startsWith(beginning) ? key.slice(beginning.length) : "";
        const isDocument = name !== "" && !name.includes("/") && entry.text.length <= LARGEST_DOCUMENT;
        return isDocument ? [[name, { text: entry.text, version: versionOf(entry.text) }]] : [];
      }),
    );
  }

  #path(name: string): string {
    return `/v1/kv/${[...this.#options.key.split("/"), name].map(encodeURIComponent).join("/")}`;
  }

  #datacenter(before: string): string {
    const { datacenter } = this.#options;
    return datacenter === undefined ? "" : `${before}dc=${encodeURIComponent(datacenter)}`;
  }
}

/** What is no entry is left out. Throws where the answer is no list. */
function entriesIn(text: string): readonly (readonly [string, Entry])[] {
  const read: unknown = JSON.parse(text);
  if (!Array.isArray(read)) throw new Error("Consul answered something else than keys");
  return read.flatMap((each: unknown): (readonly [string, Entry])[] => {
    const { Key: key, Value: value, ModifyIndex: modifyIndex } = (each ?? {}) as Readonly<Record<string, unknown>>;
    if (typeof key !== "string" || typeof value !== "string" || typeof modifyIndex !== "number") return [];
    return [[key, { text: Buffer.from(value, "base64").toString("utf8"), modifyIndex }]];
  });
}
