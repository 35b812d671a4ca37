/** A real Consul agent for the chaos suite. */
import { eventually } from "../../src/testing/eventually.ts";
import type { FixtureInstance } from "../../src/testing/namer-contract.ts";
import { ConsulRegistry } from "../fakes/consul-registry.ts";
import { startConsulCluster } from "../servers/consul-cluster.ts";
import { startConsul } from "../servers/consul.ts";
import { type EmptyAnswer, httpWire } from "../servers/http-wire.ts";
import { TroubleProxy } from "../servers/trouble-proxy.ts";
import { type Instances, Registrations } from "./registrations.ts";
import type { ChaosRegistry, ChaosServers, Registered } from "./registry.ts";

const HOST = "127.0.0.1";
const WRITE_MS = 30_000;

/** Far behind where the agent was. */
const empty: EmptyAnswer = (target) => {
  const headers = "x-consul-index: 3\r\nx-consul-knownleader: true\r\nx-consul-lastcontact: 0\r\n";
  if (target.startsWith("/v1/catalog/services")) return { headers, body: "{}" };
  return target.startsWith("/v1/health/") || target.startsWith("/v1/catalog/") ? { headers, body: "[]" } : undefined;
};

/** What an agent and a cluster have in common. */
interface Servers extends ChaosServers, AsyncDisposable {
  /** Of the agent that the router asks. */
  readonly port: number;
  wipe(): Promise<void>;
}

class ConsulChaos implements ChaosRegistry {
  readonly base = "/#/r/dc1";
  readonly proxy: TroubleProxy;
  readonly namer: string;
  readonly servers: Servers;
  readonly rollingRestart: () => Promise<void>;
  readonly #registered = new Registrations<FixtureInstance>();
  #writer: ConsulRegistry;

  constructor(servers: Servers, proxy: TroubleProxy, roll: () => Promise<void>) {
    this.servers = servers;
    this.proxy = proxy;
    this.rollingRestart = roll;
    this.namer = `{kind: io.l5d.consul, prefix: /r, host: ${HOST}, port: ${proxy.port}}`;
    this.#writer = new ConsulRegistry(servers.port);
  }

  place(): { host: string; port: number } {
    return { host: HOST, port: 0 };
  }

  register(service: string, instance: Registered): Promise<void> {
    return this.#put(service, this.#registered.add(service, instance.id, instance));
  }

  deregister(service: string, id: string): Promise<void> {
    return this.#put(service, this.#registered.remove(service, id));
  }

  /** Each service in one transaction. */
  async wipe(): Promise<void> {
    for (const service of this.#registered.wipe().keys()) await this.#put(service, new Map());
  }

  async restore(): Promise<void> {
    for (const [service, instances] of this.#registered.restore()) await this.#put(service, instances);
  }

  /** An agent that lost its data counts from the beginning. */
  async resetIndex(): Promise<void> {
    await this.servers.wipe();
    await this.servers.start();
    this.#writer = new ConsulRegistry(this.servers.port);
    for (const [service, instances] of this.#registered.all) await this.#put(service, instances);
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.proxy[Symbol.asyncDispose]();
    await this.servers[Symbol.asyncDispose]();
  }

  /** Tried until an agent that has just started takes it. */
  async #put(service: string, instances: Instances<FixtureInstance>): Promise<void> {
    const attempt = (): Promise<boolean> =>
      this.#writer.put(service, [...instances.values()]).then(
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
  const roll = async (): Promise<void> => {
    for (let time = 0; time < 2; time++) await server.restart();
  };
  return new ConsulChaos(server, await TroubleProxy.before(server.port, httpWire(empty)), roll);
}

/** Three servers, and the agent of a host, which the router asks through a proxy. */
export async function startConsulClusterRegistry(): Promise<ChaosRegistry> {
  const cluster = await startConsulCluster();
  return new ConsulChaos(cluster, await TroubleProxy.before(cluster.port), () => cluster.rollingRestart());
}
