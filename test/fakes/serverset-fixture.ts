/** io.l5d.serversets over a ZooKeeper of any make: what the contract of namers asks for. */
import type { ZkClient } from "../../namers/zookeeper/client.ts";
import { GroupNamer } from "../../namers/zookeeper/group-namer.ts";
import type { ServersetNode } from "../../namers/zookeeper/serverset-reader.ts";
import { serversets } from "../../namers/zookeeper/serversets.ts";
import type { FixtureInstance, FixtureOptions } from "../../src/testing/namer-contract.ts";
import { type ServerVerbs, type ZooKeeperFixture, zookeeperFixture } from "./zookeeper-fixture.ts";

/** The bytes that Twitter's libraries write. */
export function memberJson({ host, port, ready, zone }: Omit<FixtureInstance, "id">, more: object = {}): Buffer {
  const fields = {
    serviceEndpoint: { host, port },
    additionalEndpoints: {},
    status: ready === false ? "STARTING" : "ALIVE",
    ...(zone === undefined ? {} : { metadata: { zone } }),
  };
  return Buffer.from(JSON.stringify({ ...fields, ...more }));
}

export type GroupFixture<T> = ZooKeeperFixture<GroupNamer<T>>;

/** `port` is where the server listens on 127.0.0.1; each fixture has a chroot of its own there. */
export function serversetFixture(
  port: number,
  given: FixtureOptions,
  server: ServerVerbs = {},
): Promise<GroupFixture<ServersetNode>> {
  return zookeeperFixture(port, given, {
    server,
    newNamer: (options, basePath, context) =>
      new GroupNamer(serversets, { ...options, connectString: options.connectString + basePath }, context),
    newRegistry(writer, basePath) {
      const registry = new Registry(writer, basePath);
      return {
        put: (service, instances) => registry.put(service, instances),
        touch: (service) => registry.touch(service),
        drop: (service) => registry.drop(service),
        spoil: (service) => writer.create(`${basePath}/${service}/member_bad`, Buffer.from("{")).then(() => undefined),
        mend: (service) => writer.delete(`${basePath}/${service}/member_bad`),
      };
    },
  });
}

interface Written {
  readonly node: string;
  readonly data: Buffer;
}

class Registry {
  readonly #writer: ZkClient;
  readonly #basePath: string;
  readonly #written = new Map<string, Map<string, Written>>();
  readonly #vectors = new Map<string, string>();

  constructor(writer: ZkClient, basePath: string) {
    this.#writer = writer;
    this.#basePath = basePath;
  }

  async put(service: string, instances: readonly FixtureInstance[]): Promise<void> {
    const path = `${this.#basePath}/${service}`;
    const before = this.#written.get(service) ?? new Map<string, Written>();
    if (!this.#written.has(service)) await this.#writer.create(path, Buffer.alloc(0));
    await this.#weigh(service, instances);
    const after = new Map<string, Written>();
    for (const instance of instances) {
      after.set(instance.id, await this.#write(path, before.get(instance.id), memberJson(instance)));
    }
    const gone = [...before].filter(([id]) => !after.has(id)).map(([, { node }]) => node);
    if (gone.length > 0) await this.#writer.multi(gone.map((node) => ({ kind: "delete", path: node })));
    this.#written.set(service, after);
  }

  async touch(service: string): Promise<void> {
    for (const { node, data } of this.#written.get(service)?.values() ?? []) await this.#writer.setData(node, data);
  }

  async drop(service: string): Promise<void> {
    const nodes = [...(this.#written.get(service)?.values() ?? [])].map(({ node }) => node);
    const vector = this.#vectors.get(service);
    const all = [...nodes, ...(vector === undefined ? [] : [vector]), `${this.#basePath}/${service}`];
    await this.#writer.multi(all.map((path) => ({ kind: "delete", path })));
    this.#written.delete(service);
    this.#vectors.delete(service);
  }

  async #write(path: string, known: Written | undefined, data: Buffer): Promise<Written> {
    if (!known) return { node: await this.#writer.create(`${path}/member_`, data, "persistent_sequential"), data };
    if (!known.data.equals(data)) await this.#writer.setData(known.node, data);
    return { node: known.node, data };
  }

  /** Beforehand, so that nobody is seen without the weight. */
  async #weigh(service: string, instances: readonly FixtureInstance[]): Promise<void> {
    const weighed = instances.filter(({ weight }) => weight !== undefined);
    const known = this.#vectors.get(service);
    if (weighed.length === 0 && known === undefined) return;
    const vector = weighed.map(({ host, port, weight }) => ({ select: `inet=${host}:${port}`, weight, priority: 1 }));
    const data = Buffer.from(JSON.stringify({ vector }));
    if (known !== undefined) return void (await this.#writer.setData(known, data));
    const path = `${this.#basePath}/${service}/vector_`;
    this.#vectors.set(service, await this.#writer.create(path, data, "persistent_sequential"));
  }
}
