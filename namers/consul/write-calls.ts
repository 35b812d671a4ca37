/** What announcers and elections ask of an agent: one question a verb, few at a time. */
import { Turnstile } from "linkspan/plugin";
import { AgentError, type ConsulAgent } from "./agent.ts";
import { checkIdOf, checkNameOf, type Entry } from "./announced-entry.ts";
import { readSelf } from "./agent-self.ts";
import { MOST_WRITES } from "./connections.ts";
import { readAgentServices, readChecked, readHealth, readNodeServices, type Registered } from "./registered.ts";

const MOST_WAITING = 100_000;
/** An agent that does not answer a write in this time is as one that cannot be reached. */
const WITHIN_MS = 5_000;
/** The least that Consul takes is a minute. */
const GONE_AFTER = "90s";

/** An operation of a transaction, as Consul writes it. */
export type Operation = Readonly<Record<string, object>>;

export interface SessionOptions {
  readonly name: string;
  readonly ttlSeconds: number;
  /** How long nobody may take what the session held when it did not end by itself. */
  readonly lockDelaySeconds: number;
}

/** One an announcer. Every verb rejects with an Error that says whom it asked. */
export class WriteCalls {
  readonly shown: string;
  readonly #agent: ConsulAgent;
  readonly #turnstile = new Turnstile(MOST_WRITES, MOST_WAITING);

  constructor(agent: ConsulAgent) {
    this.#agent = agent;
    this.shown = agent.shown;
  }

  /** What the agent calls its own node. */
  async nodeName(signal: AbortSignal): Promise<string> {
    const { node } = readSelf(await this.#get("/v1/agent/self", signal));
    if (node === undefined) throw new Error(`${this.shown} does not say its node`);
    return node;
  }

  /** As the servers have it, of every node. */
  async inCatalogue(service: string, signal: AbortSignal): Promise<readonly Registered[]> {
    return readHealth(await this.#get(`/v1/health/service/${escaped(service)}?consistent=true`, signal));
  }

  /** As the agent itself has it, which is sooner. */
  async onAgent(filter: string, node: string, signal: AbortSignal): Promise<readonly Registered[]> {
    return readAgentServices(await this.#get(`/v1/agent/services?filter=${escaped(filter)}`, signal), node);
  }

  async onNode(node: string, signal: AbortSignal): Promise<readonly Registered[]> {
    return readNodeServices(await this.#get(`/v1/catalog/node/${escaped(node)}?consistent=true`, signal));
  }

  /** The services with entries of the group, by the check that each entry has. */
  async servicesOf(group: string, signal: AbortSignal): Promise<readonly string[]> {
    const filter = escaped(`CheckID matches "^linkspan-lease:"`);
    const checks = readChecked(await this.#get(`/v1/health/state/any?consistent=true&filter=${filter}`, signal));
    const name = checkNameOf(group);
    return [...new Set(checks.filter((each) => each.name === name).map(({ service }) => service))];
  }

  async register(
    { service, registration, ready }: Entry,
    group: string,
    ttl: string,
    signal: AbortSignal,
  ): Promise<void> {
    const check = {
      CheckID: checkIdOf(registration.ID),
      Name: checkNameOf(group),
      TTL: ttl,
      Status: ready ? "passing" : "critical",
      DeregisterCriticalServiceAfter: GONE_AFTER,
    };
    await this.#put("/v1/agent/service/register", { ...registration, Name: service, Check: check }, signal);
    // A check that the agent knew already is as it was, whatever it is registered as.
    await this.#put(`/v1/agent/check/${ready ? "pass" : "fail"}/${escaped(check.CheckID)}`, undefined, signal);
  }

  /** Says that the lease of an entry goes on; false when the agent knows nothing of it. */
  async pass(id: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#put(`/v1/agent/check/pass/${escaped(checkIdOf(id))}`, undefined, signal);
      return true;
    } catch (error) {
      if (isUnknownCheck(error)) return false;
      throw error;
    }
  }

  async deregister(id: string, signal: AbortSignal): Promise<void> {
    await this.#put(`/v1/agent/service/deregister/${escaped(id)}`, undefined, signal).catch(unlessGone);
  }

  async deregisterAt(node: string, id: string, signal: AbortSignal): Promise<void> {
    await this.#put("/v1/catalog/deregister", { Node: node, ServiceID: id }, signal);
  }

  async transact(operations: readonly Operation[], signal: AbortSignal): Promise<void> {
    await this.#put("/v1/txn", operations, signal);
  }

  async openSession({ name, ttlSeconds, lockDelaySeconds }: SessionOptions, signal: AbortSignal): Promise<string> {
    // Without checks: a session that hangs on the health of its node ends with the agent that it was made at.
    const asked = {
      Name: name,
      TTL: `${ttlSeconds}s`,
      LockDelay: `${lockDelaySeconds}s`,
      Behavior: "release",
      Checks: [],
    };
    const { ID: id } = JSON.parse(await this.#put("/v1/session/create", asked, signal)) as { readonly ID?: unknown };
    if (typeof id !== "string" || id === "") throw new Error(`${this.shown} made a session without an id`);
    return id;
  }

  /** False when there is no such session any more. */
  async renewSession(id: string, signal: AbortSignal): Promise<boolean> {
    try {
      await this.#put(`/v1/session/renew/${escaped(id)}`, undefined, signal);
      return true;
    } catch (error) {
      if (error instanceof AgentError && error.status === 404) return false;
      throw error;
    }
  }

  async endSession(id: string, signal: AbortSignal): Promise<void> {
    await this.#put(`/v1/session/destroy/${escaped(id)}`, undefined, signal);
  }

  /** The ids of all sessions of the datacenter. */
  async sessions(signal: AbortSignal): Promise<ReadonlySet<string>> {
    const all = JSON.parse(await this.#get("/v1/session/list?consistent=true", signal)) as readonly { ID?: string }[];
    return new Set(all.map(({ ID: id = "" }) => id));
  }

  /** Whether the session holds the key now. */
  async lock(key: string, session: string, text: string, signal: AbortSignal): Promise<boolean> {
    const path = `/v1/kv/${key}?acquire=${escaped(session)}`;
    return (await this.#ask({ path, method: "PUT", body: text, signal })).trim() === "true";
  }

  async unlock(key: string, session: string, signal: AbortSignal): Promise<void> {
    await this.#ask({ path: `/v1/kv/${key}?release=${escaped(session)}`, method: "PUT", body: "", signal });
  }

  /** What stands under a key while a session holds it. */
  async holder(key: string, signal: AbortSignal): Promise<string | undefined> {
    try {
      const [entry] = JSON.parse(await this.#get(`/v1/kv/${key}?consistent=true`, signal)) as readonly {
        readonly Session?: string;
        readonly Value?: string | null;
      }[];
      const held = entry?.Session === undefined || entry.Session === "" ? undefined : entry.Value;
      return held === undefined || held === null ? undefined : Buffer.from(held, "base64").toString();
    } catch (error) {
      if (error instanceof AgentError && error.status === 404) return undefined;
      throw error;
    }
  }

  #get(path: string, signal: AbortSignal): Promise<string> {
    return this.#ask({ path, signal });
  }

  #put(path: string, body: unknown, signal: AbortSignal): Promise<string> {
    return this.#ask({ path, method: "PUT", signal, body: body === undefined ? "" : JSON.stringify(body) });
  }

  async #ask(question: { path: string; signal: AbortSignal; method?: "PUT"; body?: string }): Promise<string> {
    const ask = () => this.#agent.ask({ ...question, lane: "write", withinMs: WITHIN_MS });
    return (await this.#turnstile.pass(ask)).text;
  }
}

/** 500 until 1.10, 404 since. */
const isUnknownCheck = (error: unknown): boolean =>
  error instanceof AgentError && (error.status === 404 || /\(CheckID "|\(Unknown check/.test(error.message));

/** What is not there need not go. */
function unlessGone(error: unknown): void {
  if (!(error instanceof AgentError) || (error.status !== 404 && !/\(Unknown service/.test(error.message))) throw error;
}

const escaped = encodeURIComponent;
