/** A real ZooKeeper for the chaos suite, with Curator's services in it. */
import { ZkClient } from "../../namers/zookeeper/client.ts";
import { isZkError } from "../../namers/zookeeper/zk-error.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { closeSession, type SessionKey } from "../fakes/close-session.ts";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { TroubleProxy } from "../servers/trouble-proxy.ts";
import { startEnsemble } from "../servers/zookeeper-ensemble.ts";
import { startZooKeeper } from "../servers/zookeeper.ts";
import { zooKeeperWire } from "../servers/zookeeper-wire.ts";
import { type Instances, Registrations } from "./registrations.ts";
import type { ChaosRegistry, ChaosServers, Registered } from "./registry.ts";

const HOST = "127.0.0.1";
const BASE = "/services";
const WRITE_MS = 20_000;
/** How many of the router's sessions are remembered: that of its watches, and those of second looks. */
const SESSIONS = 4;

/** What one server and an ensemble have in common. */
interface Servers extends ChaosServers, AsyncDisposable {
  readonly connectString: string;
  restart(): Promise<void>;
  wipe(): Promise<void>;
  watches(): Promise<number | undefined>;
}

class ZooKeeperRegistry implements ChaosRegistry {
  readonly base = "/#/r";
  readonly proxy: TroubleProxy;
  readonly namer: string;
  readonly servers: Servers;
  readonly #roll: () => Promise<void>;
  readonly #sessions: SessionKey[];
  readonly #writer: ZkClient;
  /** The data of each instance's node. */
  readonly #registered = new Registrations<Buffer>();

  constructor(parts: {
    servers: Servers;
    roll: () => Promise<void>;
    proxy: TroubleProxy;
    /** What the router is told: the proxy, or all of an ensemble. */
    connectString: string;
    sessions: SessionKey[];
  }) {
    this.servers = parts.servers;
    this.#roll = parts.roll;
    this.proxy = parts.proxy;
    this.#sessions = parts.sessions;
    const session = "sessionTimeoutMs: 4000";
    this.namer = `{kind: io.l5d.curator, prefix: /r, zkAddrs: "${parts.connectString}", basePath: ${BASE}, ${session}}`;
    const options = { connectString: parts.servers.connectString, sessionTimeoutMs: 4_000 };
    this.#writer = new ZkClient(options, testContext());
    this.#writer.start();
  }

  place(): { host: string; port: number } {
    return { host: HOST, port: 0 };
  }

  async register(service: string, instance: Registered): Promise<void> {
    const { id } = instance;
    const data = curatorJson(service, instance);
    this.#registered.add(service, id, data);
    await this.#create(service, id, data);
  }

  async deregister(service: string, id: string): Promise<void> {
    this.#registered.remove(service, id);
    await this.#write("NO_NODE", () => this.#writer.delete(`${BASE}/${service}/${id}`));
  }

  /** In one transaction: what goes bit by bit is another story. */
  async wipe(): Promise<void> {
    const paths = [...this.#registered.wipe()].flatMap(([service, instances]) => {
      const home = `${BASE}/${service}`;
      return [...[...instances.keys()].map((id) => `${home}/${id}`), home];
    });
    await this.#write("NO_NODE", () => this.#writer.multi(paths.map((path) => ({ kind: "delete", path }))));
  }

  restore(): Promise<void> {
    return this.#createAll(this.#registered.restore());
  }

  /** As whoever knows its id and password can. */
  async expire(): Promise<void> {
    for (const session of this.#sessions.splice(0)) await closeSession(this.servers.connectString, session);
  }

  /** A server that lost its data counts its transactions from 0, and knows no session. */
  async resetIndex(): Promise<void> {
    await this.servers.wipe();
    await this.servers.start();
    await this.#createAll(this.#registered.all);
  }

  rollingRestart(): Promise<void> {
    return this.#roll();
  }

  watches(): Promise<number | undefined> {
    return this.servers.watches();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    await this.#writer.close();
    await this.proxy[Symbol.asyncDispose]();
    await this.servers[Symbol.asyncDispose]();
  }

  async #createAll(services: ReadonlyMap<string, Instances<Buffer>>): Promise<void> {
    for (const [service, instances] of services) {
      for (const [id, data] of instances) await this.#create(service, id, data);
    }
  }

  async #create(service: string, id: string, data: Buffer): Promise<void> {
    for (const [path, bytes] of [
      [BASE, Buffer.alloc(0)],
      [`${BASE}/${service}`, Buffer.alloc(0)],
      [`${BASE}/${service}/${id}`, data],
    ] as const) {
      await this.#write("NODE_EXISTS", () => this.#writer.create(path, bytes));
    }
  }

  /** Tried until the server has done it; what an attempt before has done already is no mistake. */
  async #write(done: "NO_NODE" | "NODE_EXISTS", act: () => Promise<unknown>): Promise<void> {
    await eventually(
      "the registry takes a change",
      () =>
        act().then(
          () => true,
          (error: unknown) => {
            if (isZkError(error, done)) return true;
            if (isZkError(error, "CONNECTION_LOSS") || isZkError(error, "SESSION_EXPIRED")) return false;
            throw error;
          },
        ),
      WRITE_MS,
    );
  }
}

/** Behind a proxy. */
export async function startZooKeeperRegistry(): Promise<ChaosRegistry> {
  const server = await startZooKeeper({ tickTime: 500, faketime: true });
  const sessions: SessionKey[] = [];
  const proxy = await TroubleProxy.before(
    server.port,
    zooKeeperWire((session) => {
      sessions.push(session);
      if (sessions.length > SESSIONS) sessions.shift();
    }),
  );
  const roll = async (): Promise<void> => {
    for (let time = 0; time < 3; time++) await server.restart();
  };
  return new ZooKeeperRegistry({ servers: server, roll, proxy, connectString: `${HOST}:${proxy.port}`, sessions });
}

/** Three servers, of which the router knows all; nothing stands between. */
export async function startEnsembleRegistry(): Promise<ChaosRegistry> {
  const ensemble = await startEnsemble({ tickTime: 500 });
  const proxy = await TroubleProxy.before(ensemble.servers[0]?.port ?? 0);
  const roll = (): Promise<void> => ensemble.rollingRestart();
  return new ZooKeeperRegistry({ servers: ensemble, roll, proxy, connectString: ensemble.connectString, sessions: [] });
}
