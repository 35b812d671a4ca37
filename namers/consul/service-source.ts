/** How one service of Consul is asked for. */
import type { Clock, Resolver, ServiceListener, ServiceReading, ServiceSource, Var } from "linkspan/plugin";
import { type AccessCheck, forbidden } from "./access-check.ts";
import type { AgentAnswer, ConsulAgent } from "./agent.ts";
import type { AgentSelf } from "./agent-self.ts";
import type { Catalogue } from "./catalogue.ts";
import type { Followed, NameQuestion } from "./followed.ts";
import { HostNames } from "./host-names.ts";
import type { Schedule } from "./schedule.ts";
import type { ServiceName } from "./service-path.ts";
import type { ServiceReader } from "./service-reader.ts";

/** What every service of a namer is given. */
export interface ServiceWorld {
  readonly agent: ConsulAgent;
  readonly schedule: Schedule;
  readonly access: AccessCheck;
  readonly self: Var<AgentSelf>;
  readonly clock: Clock;
  readonly resolve: Resolver;
  readonly needsDomain: boolean;
  readonly useHealthCheck: boolean;
  /** Of every question about the datacenter. */
  query(dc: string): string;
  catalogue(dc: string): Catalogue;
  reader(name: ServiceName, dc: string, domain: string | undefined): ServiceReader;
  /** A second look found other than what a watch had said. */
  repaired(): void;
  /** Hears what is followed now, so that it can be told when somebody asks again. */
  following(followed: Followed | undefined): void;
}

export const LOCAL = ".local";

export class ConsulServiceSource implements ServiceSource {
  readonly #name: ServiceName;
  readonly #world: ServiceWorld;
  #followed: FollowedService | undefined;

  constructor(name: ServiceName, world: ServiceWorld) {
    this.#name = name;
    this.#world = world;
  }

  follow(listener: ServiceListener): Disposable {
    const { self, needsDomain } = this.#world;
    if (this.#name.dc !== LOCAL && !needsDomain) return this.#begin(listener, this.#name.dc, undefined);
    let current: Disposable | undefined;
    let known: AgentSelf | undefined;
    const observing = self.observe((state) => {
      if (state.tag === "failed") listener.failed(state.cause);
      if (state.tag !== "ok" || state.value === known) return;
      known = state.value;
      current?.[Symbol.dispose]();
      const dc = this.#name.dc === LOCAL ? (known.datacenter ?? LOCAL) : this.#name.dc;
      current = this.#begin(listener, dc, known.domain);
    });
    return {
      [Symbol.dispose]: () => {
        observing[Symbol.dispose]();
        current?.[Symbol.dispose]();
      },
    };
  }

  confirm(signal: AbortSignal): Promise<ServiceReading> {
    const followed = this.#followed;
    return followed ? followed.confirm(signal) : Promise.reject(new Error("the service is not followed any more"));
  }

  #begin(listener: ServiceListener, dc: string, domain: string | undefined): Disposable {
    const { schedule, following } = this.#world;
    const followed = new FollowedService(this.#name, dc, domain, this.#world, listener);
    this.#followed = followed;
    following(followed);
    const keeping = schedule.follow(followed);
    return {
      [Symbol.dispose]: () => {
        this.#followed = undefined;
        following(undefined);
        keeping[Symbol.dispose]();
        followed[Symbol.dispose]();
      },
    };
  }
}

/** While it is followed, in one datacenter. */
class FollowedService implements Followed, Disposable {
  readonly catalogue: Catalogue;
  readonly #name: ServiceName;
  readonly #dc: string;
  readonly #world: ServiceWorld;
  readonly #listener: ServiceListener;
  readonly #reader: ServiceReader;
  readonly #hosts: HostNames;
  readonly #path: string;
  #last: { readonly text: string; readonly reading: ServiceReading } | undefined;
  #isClosed = false;

  constructor(
    name: ServiceName,
    dc: string,
    domain: string | undefined,
    world: ServiceWorld,
    listener: ServiceListener,
  ) {
    this.#name = name;
    this.#dc = dc;
    this.#world = world;
    this.#listener = listener;
    this.catalogue = world.catalogue(dc);
    this.#reader = world.reader(name, dc, domain);
    this.#hosts = new HostNames(world.resolve, world.clock, (reading) => this.#listener.heard(reading));
    const endpoint = world.useHealthCheck ? "health" : "catalog";
    const tag = name.tag === undefined ? "" : `&tag=${encodeURIComponent(name.tag)}`;
    this.#path = `/v1/${endpoint}/service/${encodeURIComponent(name.service)}?${world.query(dc)}${tag}`;
  }

  async ask({ lane, index, waitMs, signal }: NameQuestion): Promise<AgentAnswer> {
    const waiting = index === undefined || waitMs === undefined ? {} : { index, waitMs };
    const answer = await this.#world.agent.ask({ path: this.#path, lane, signal, ...waiting });
    if (isEmpty(answer.text) && this.#last?.text !== answer.text) await this.#checkAccess(answer, signal);
    return answer;
  }

  isNews({ text }: AgentAnswer): boolean {
    if (this.#last?.text === text) return false;
    this.#reader.read(text);
    return true;
  }

  take({ text, index }: AgentAnswer): boolean {
    if (this.#isClosed) return false;
    const isNews = this.#last?.text !== text;
    if (isNews || this.#last === undefined) this.#last = { text, reading: this.#reader.read(text) };
    this.#hosts.offer({ ...this.#last.reading, ...(index === undefined ? {} : { revision: String(index.value) }) });
    return isNews;
  }

  failed(cause: Error): void {
    if (this.#isClosed) return;
    this.#hosts.pause();
    this.#listener.failed(cause);
  }

  repaired(): void {
    this.#world.repaired();
  }

  async confirm(signal: AbortSignal): Promise<ServiceReading> {
    const path = this.#path.replace(/\?(?:stale=true&|consistent=true&)?/, "?consistent=true&");
    const answer = await this.#world.agent.ask({ path, lane: "fresh", signal });
    if (isEmpty(answer.text)) await this.#checkAccess(answer, signal);
    return this.#hosts.expanded(this.#reader.read(answer.text));
  }

  [Symbol.dispose](): void {
    this.#isClosed = true;
    this.#hosts[Symbol.dispose]();
  }

  async #checkAccess({ isFiltered }: AgentAnswer, signal: AbortSignal): Promise<void> {
    const { agent, access } = this.#world;
    if (isFiltered) throw forbidden(agent, this.#name.service);
    await access.mayRead(this.#name.service, this.#dc, signal);
  }
}

const isEmpty = (text: string): boolean => text.trim() === "[]";
