/** A real Consul agent for the chaos suite. */
import { eventually } from "../../src/testing/eventually.ts";
import type { FixtureInstance } from "../../src/testing/namer-contract.ts";
import { ConsulRegistry } from "../fakes/consul-registry.ts";
import { type ConsulServer, startConsul } from "../servers/consul.ts";
import { type EmptyAnswer, httpWire } from "../servers/http-wire.ts";
import { TroubleProxy } from "../servers/trouble-proxy.ts";
import type { ChaosRegistry, Registered } from "./registry.ts";

const HOST = "127.0.0.1";
const WRITE_MS = 30_000;

/** Far behind where the agent was. */
const empty: EmptyAnswer = (target) => {
  const headers = "x-consul-index: 3\r\nx-consul-knownleader: true\r\nx-consul-lastcontact: 0\r\n";
  if (target.startsWith("/v1/catalog/services")) return { headers, body: "{}" };
  return target.startsWith("/v1/health/") || target.startsWith("/v1/catalog/") ? { headers, body: "[]" } : undefined;
};

type Services = Map<string, readonly FixtureInstance[]>;

class ConsulChaos implements ChaosRegistry {
  readonly base = "/#/r/dc1";
  readonly proxy: TroubleProxy;
  readonly namer: string;
  readonly servers: ConsulServer;
  #writer: ConsulRegistry;
  #known: Services = new Map();
  /** What `restore` brings back. */
  #wiped: Services = new Map();

  constructor(server: ConsulServer, proxy: TroubleProxy) {
    this.servers = server;
    this.proxy = proxy;
    this.namer = `{kind: io.l5d.consul, prefix: /r, host: ${HOST}, port: ${proxy.port}}`;
    this.#writer = new ConsulRegistry(server.port);
  }

  place(): { host: string; port: number } {
    return { host: HOST, port: 0 };
  }

  register(service: string, instance: Registered): Promise<void> {
    const others = (this.#known.get(service) ?? []).filter((each) => each.id !== instance.id);
    return this.#put(service, [...others, instance]);
  }

  deregister(service: string, id: string): Promise<void> {
    return this.#put(
      service,
      (this.#known.get(service) ?? []).filter((each) => each.id !== id),
    );
  }

  /** Each service in one transaction. */
  async wipe(): Promise<void> {
    this.#wiped = this.#known;
    this.#known = new Map();
    for (const service of this.#wiped.keys()) await this.#put(service, []);
  }

  async restore(): Promise<void> {
    for (const [service, instances] of this.#wiped) await this.#put(service, instances);
    this.#wiped = new Map();
  }

  /** An agent that lost its data counts from the beginning. */
  async resetIndex(): Promise<void> {
    await this.servers.wipe();
    await this.servers.start();
    this.#writer = new ConsulRegistry(this.servers.port);
    this.#wiped = this.#known;
    this.#known = new Map();
    await this.restore();
  }

  async rollingRestart(): Promise<void> {
    for (let time = 0; time < 2; time++) await this.servers.restart();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    await this.servers[Symbol.asyncDispose]();
  }

  /** Tried until an agent that has just started takes it. */
  async #put(service: string, instances: readonly FixtureInstance[]): Promise<void> {
    this.#known.set(service, instances);
    const attempt = (): Promise<boolean> =>
      this.#writer.put(service, instances).then(
        () => true,
        // What failed counts as written there: a new writer knows nothing, and writes all of it.
        () => this.#renewed(),
      );
    await eventually("the agent takes a change", attempt, WRITE_MS);
  }

  async #renewed(): Promise<false> {
    this.#writer = new ConsulRegistry(this.servers.port);
    return false;
  }
}

/** With its data on disk, and behind a proxy. */
export async function startConsulRegistry(): Promise<ChaosRegistry> {
  const server = await startConsul({ persistent: true });
  return new ConsulChaos(server, await TroubleProxy.before(server.port, httpWire(empty)));
}
