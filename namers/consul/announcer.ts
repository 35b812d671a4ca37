/** Writes instances into Consul: as registrations of an agent, or on a node of their own in the catalogue. */
import {
  type Announcement,
  type Announcer,
  type ClientTlsConfig,
  type Election,
  type Owner,
  Path,
  type PluginContext,
  Scope,
  type Secret,
} from "linkspan/plugin";
import { ConsulAgent } from "./agent.ts";
import { agentOrigin } from "./agent-origin.ts";
import { AgentRegistrar } from "./agent-registrar.ts";
import { ConsulAnnouncement } from "./announcement.ts";
import { ConsulElection, type ElectionLimits } from "./election.ts";
import { NodeRegistrar } from "./node-registrar.ts";
import type { Registrar } from "./registrar.ts";
import { shareAgent } from "./shared-agents.ts";
import { TokenSource } from "./token-source.ts";
import { WriteCalls } from "./write-calls.ts";

export interface ConsulAnnouncerOptions {
  readonly host: string;
  readonly port: number;
  readonly tls: ClientTlsConfig | undefined;
  readonly token: Secret | undefined;
  /** An absolute path. */
  readonly tokenFile: string | undefined;
  /** Where it is said, only that one is a target: the path `/`. */
  readonly service: string | undefined;
  readonly tags: readonly string[];
  /** Of entries that no agent has. */
  readonly node: string | undefined;
}

/** For tests. */
export interface AnnouncerLimits extends ElectionLimits {
  readonly ttlMs?: number;
  readonly stepMs?: number;
  readonly leftMs?: number;
}

export class ConsulAnnouncer implements Announcer {
  readonly #options: ConsulAnnouncerOptions;
  readonly #context: PluginContext;
  readonly #limits: AnnouncerLimits;
  readonly #scope = new Scope();
  readonly #calls: WriteCalls;
  /** By group and member. */
  readonly #registrars = new Map<string, Registrar>();
  readonly #open = new Set<AsyncDisposable>();

  constructor(options: ConsulAnnouncerOptions, context: PluginContext, limits: AnnouncerLimits = {}) {
    const { clock, random, http, baseDir } = context;
    this.#options = options;
    this.#context = context;
    this.#limits = limits;
    const { host, port, tls, token, tokenFile } = options;
    const key = JSON.stringify([host, port, tls]);
    const shared = this.#scope.own(shareAgent(http, key, agentOrigin(options, baseDir), { clock, random }));
    this.#calls = new WriteCalls(new ConsulAgent(shared.connections, new TokenSource(token, tokenFile, clock), clock));
  }

  announce(path: Path, owner: Owner): Announcement {
    const { tags } = this.#options;
    const made: ConsulAnnouncement = new ConsulAnnouncement({
      service: this.#serviceAt(path),
      tags,
      owner,
      registrar: this.#registrar(owner),
      closed: () => this.#open.delete(made),
    });
    this.#open.add(made);
    return made;
  }

  async owned(group: string, signal: AbortSignal): Promise<readonly Path[]> {
    const { service } = this.#options;
    const all = await this.#calls.servicesOf(group, signal);
    if (service !== undefined) return all.includes(service) ? [Path.empty] : [];
    return all.map((each) => Path.of(each));
  }

  elect(owner: Owner): Election {
    const made: ConsulElection = new ConsulElection({
      calls: this.#calls,
      owner,
      clock: this.#context.clock,
      limits: this.#limits,
      closed: () => this.#open.delete(made),
    });
    this.#open.add(made);
    return made;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    try {
      await Promise.allSettled([...this.#open].map((each) => each[Symbol.asyncDispose]()));
      await Promise.allSettled([...this.#registrars.values()].map((each) => each[Symbol.asyncDispose]()));
    } finally {
      await this.#scope.close();
    }
  }

  #serviceAt(path: Path): string | undefined {
    const { service } = this.#options;
    const [name] = path.elems;
    if (service !== undefined) return path.size === 0 ? service : undefined;
    return path.size === 1 ? name : undefined;
  }

  /** Opens nothing until it is asked. */
  #registrar({ group, member }: Owner): Registrar {
    const key = JSON.stringify([group, member]);
    const known = this.#registrars.get(key);
    if (known) return known;
    const { clock } = this.#context;
    const { node } = this.#options;
    const given = { calls: this.#calls, group, member, clock, ...this.#limits };
    const made = node === undefined ? new AgentRegistrar(given) : new NodeRegistrar({ ...given, node });
    this.#registrars.set(key, made);
    return made;
  }
}
