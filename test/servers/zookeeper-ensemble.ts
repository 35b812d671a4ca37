/** A real ensemble of ZooKeeper servers on loopback: voters, and observers if asked for. */
import { mkdtemp } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { eventually } from "../../src/testing/eventually.ts";
import { freePort } from "./free-port.ts";
import { type ZooKeeperOptions, ZooKeeperServer } from "./zookeeper.ts";

export interface EnsembleOptions extends ZooKeeperOptions {
  /** 3 if it is not said. */
  readonly voters?: number;
  /** 0 if it is not said. */
  readonly observers?: number;
  /** Whether a server that has lost the quorum answers reads. */
  readonly readOnly?: boolean;
}

const ELECTED_MS = 30_000;

/** Disposing ends all of it. What is done to all servers is done to all at once. */
export class ZooKeeperEnsemble implements AsyncDisposable {
  /** The voters first. */
  readonly servers: readonly ZooKeeperServer[];

  constructor(servers: readonly ZooKeeperServer[]) {
    this.servers = servers;
  }

  get connectString(): string {
    return this.servers.map((server) => server.connectString).join(",");
  }

  /** The leader; waits for one. */
  async leader(): Promise<ZooKeeperServer> {
    const leader = await eventually("there is a leader", () => this.#withMode("leader"), ELECTED_MS);
    return leader as ZooKeeperServer;
  }

  /** One that does not lead. */
  async follower(): Promise<ZooKeeperServer> {
    const follower = await eventually("there is a follower", () => this.#withMode("follower"), ELECTED_MS);
    return follower as ZooKeeperServer;
  }

  /** Resolves when every server serves. */
  async start(): Promise<void> {
    await this.#all((server) => (server.isRunning ? Promise.resolve() : server.launch()));
    await this.#all((server) => server.serving());
  }

  async stop(): Promise<void> {
    await this.#all((server) => server.stop());
  }

  async kill(): Promise<void> {
    await this.#all((server) => server.kill());
  }

  async restart(): Promise<void> {
    await this.kill();
    await this.start();
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

  setClock(offsetMs: number): void {
    for (const server of this.servers) server.setClock(offsetMs);
  }

  /** How many watches its clients have on all of them. */
  async watches(): Promise<number> {
    const counts = await Promise.all(this.servers.map((server) => server.watches()));
    return counts.reduce<number>((total, each) => total + (each ?? 0), 0);
  }

  /** One after the other, each when the one before serves again; the leader last, as operators do. */
  async rollingRestart(): Promise<void> {
    const leader = await this.leader();
    const others = this.servers.filter((server) => server !== leader);
    for (const server of [...others, leader]) {
      await server.stop();
      await server.start();
    }
    await this.#all((server) => server.serving());
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#all((server) => server[Symbol.asyncDispose]());
  }

  async #withMode(wanted: string): Promise<ZooKeeperServer | undefined> {
    const modes = await Promise.all(this.servers.map((server) => (server.isRunning ? server.mode() : undefined)));
    return this.servers[modes.indexOf(wanted)];
  }

  async #all(work: (server: ZooKeeperServer) => Promise<void>): Promise<void> {
    await Promise.all(this.servers.map(work));
  }
}

/** Resolves when every server serves. */
export async function startEnsemble(options: EnsembleOptions = {}): Promise<ZooKeeperEnsemble> {
  const { voters = 3, observers = 0, readOnly = false } = options;
  const ids = Array.from({ length: voters + observers }, (_, at) => at + 1);
  const known: string[] = [];
  for (const id of ids) {
    const role = id > voters ? ":observer" : "";
    known.push(`server.${id}=127.0.0.1:${await freePort()}:${await freePort()}${role}`);
  }
  const java = [...(options.java ?? []), ...(readOnly ? ["-Dreadonlymode.enabled=true"] : [])];
  // From 3.5 on a server makes no session without a quorum but a local one.
  const local = ["localSessionsEnabled=true", "localSessionsUpgradingEnabled=true"];
  const settings = { ...options, java, config: [...(options.config ?? []), ...(readOnly ? local : [])] };
  const servers: ZooKeeperServer[] = [];
  for (const id of ids) {
    const folder = await mkdtemp(join(tmpdir(), "linkspan-zookeeper-"));
    const config = id > voters ? [...known, "peerType=observer"] : known;
    servers.push(new ZooKeeperServer(await freePort(), folder, settings, { id, config }));
  }
  const ensemble = new ZooKeeperEnsemble(servers);
  try {
    await ensemble.start();
  } catch (error) {
    await ensemble[Symbol.asyncDispose]();
    throw error;
  }
  return ensemble;
}
