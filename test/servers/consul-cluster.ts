/** A real cluster of Consul on loopback: three servers, and the agent of a host, which answers by asking them. */
import { eventually } from "../../src/testing/eventually.ts";
import { type ConsulServer, makeConsul } from "./consul.ts";
import { freePort } from "./free-port.ts";

const SERVERS = 3;
const HEALTHY_MS = 60_000;

/** Disposing ends all of it. What is done to it is done to its servers, all at once; the agent goes on. */
export class ConsulCluster implements AsyncDisposable {
  readonly servers: readonly ConsulServer[];
  readonly agent: ConsulServer;

  constructor(servers: readonly ConsulServer[], agent: ConsulServer) {
    this.servers = servers;
    this.agent = agent;
  }

  /** Of the agent. */
  get port(): number {
    return this.agent.port;
  }

  /** Starts what does not run; resolves when every server follows a leader, and the agent knows them. */
  async start(): Promise<void> {
    const all = [...this.servers, this.agent];
    for (const each of all) if (!each.isRunning) each.launch();
    await Promise.all(all.map((each) => each.serving()));
    await eventually("every server is sound", () => this.#isSound(), HEALTHY_MS);
  }

  async stop(): Promise<void> {
    await this.#all((server) => server.stop());
  }

  async kill(): Promise<void> {
    await this.#all((server) => server.kill());
  }

  freeze(): void {
    for (const server of this.servers) server.freeze();
  }

  thaw(): void {
    for (const server of this.servers) server.thaw();
  }

  async wipe(): Promise<void> {
    await this.#all((server) => server.wipe());
  }

  /** One after the other, each when all are sound again; who led at first comes last of the servers, and then the agent. */
  async rollingRestart(): Promise<void> {
    const leaders = await Promise.all(this.servers.map((server) => isLeader(server)));
    const leader = this.servers.filter((_, at) => leaders[at]);
    const others = this.servers.filter((_, at) => !leaders[at]);
    for (const each of [...others, ...leader, this.agent]) {
      await each.stop();
      await this.start();
    }
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await Promise.all([...this.servers, this.agent].map((each) => each[Symbol.asyncDispose]()));
  }

  /** As those who look after it see it: every server is a voter that is up and has what the leader has. */
  async #isSound(): Promise<boolean> {
    const answers = await Promise.all(this.servers.map((server) => server.get("operator/autopilot/health")));
    return answers.every((answer) => answer !== "" && (JSON.parse(answer) as { Healthy: boolean }).Healthy);
  }

  async #all(work: (server: ConsulServer) => Promise<void>): Promise<void> {
    await Promise.all(this.servers.map(work));
  }
}

async function isLeader(server: ConsulServer): Promise<boolean> {
  const self = JSON.parse(await server.get("agent/self")) as { Stats: { consul: { leader: string } } };
  return self.Stats.consul.leader === "true";
}

/** Resolves when it serves. */
export async function startConsulCluster(): Promise<ConsulCluster> {
  const ports: number[] = [];
  for (let at = 0; at <= SERVERS; at++) ports.push(await freePort());
  const [agentPort = 0, ...serverPorts] = ports;
  const servers: ConsulServer[] = [];
  for (const [at, gossipPort] of serverPorts.entries()) {
    const member = { name: `server-${at + 1}`, gossipPort, others: serverPorts, servers: SERVERS };
    servers.push(await makeConsul({ member }));
  }
  const agent = await makeConsul({ member: { name: "agent", gossipPort: agentPort, others: serverPorts } });
  const cluster = new ConsulCluster(servers, agent);
  try {
    await cluster.start();
  } catch (error) {
    await cluster[Symbol.asyncDispose]();
    throw error;
  }
  return cluster;
}
