/** io.l5d.curator over a ZooKeeper of any make: what the contract of namers asks for. */
import type { ZkClient } from "../../namers/zookeeper/client.ts";
import { CuratorNamer, type CuratorNamerOptions } from "../../namers/zookeeper/curator-namer.ts";
import type { FixtureInstance, FixtureOptions } from "../../src/testing/namer-contract.ts";
import { type ServerVerbs, type ZooKeeperFixture, zookeeperFixture } from "./zookeeper-fixture.ts";

/** The bytes that Curator writes. */
export function curatorJson(service: string, instance: FixtureInstance, more: object = {}): Buffer {
  const { id, host, port, ready, zone } = instance;
  const fields = {
    name: service,
    id,
    address: host,
    port,
    sslPort: null,
    payload: zone === undefined ? null : { zone },
    registrationTimeUTC: 1_795_405_748_197,
    serviceType: "DYNAMIC",
    uriSpec: null,
    ...(ready === undefined ? {} : { enabled: ready }),
  };
  return Buffer.from(JSON.stringify({ ...fields, ...more }));
}

export type CuratorFixture = ZooKeeperFixture<CuratorNamer>;

/** `port` is where the server listens on 127.0.0.1; each fixture has a base path of its own there. */
export function curatorFixture(
  port: number,
  given: FixtureOptions,
  more: Partial<CuratorNamerOptions> = {},
  server: ServerVerbs = {},
): Promise<CuratorFixture> {
  const own = { port: "sslPort", useDisabled: false, tags: [], meta: [], bindEmpty: false } as const;
  return zookeeperFixture(port, given, {
    server,
    newNamer: (options, basePath, context) => new CuratorNamer({ ...options, basePath, ...own, ...more }, context),
    newRegistry(writer, basePath) {
      const registry = new Registry(writer, basePath);
      return {
        put: (service, instances) => registry.put(service, instances),
        touch: (service) => registry.touch(service),
        drop: (service) => registry.drop(service),
        spoil: (service) => writer.create(`${basePath}/${service}/bad`, Buffer.from("{")).then(() => undefined),
        mend: (service) => writer.delete(`${basePath}/${service}/bad`),
      };
    },
  });
}

class Registry {
  readonly #writer: ZkClient;
  readonly #basePath: string;
  readonly #written = new Map<string, Map<string, Buffer>>();

  constructor(writer: ZkClient, basePath: string) {
    this.#writer = writer;
    this.#basePath = basePath;
  }

  async put(service: string, instances: readonly FixtureInstance[]): Promise<void> {
    const path = `${this.#basePath}/${service}`;
    const before = this.#written.get(service);
    if (!before) await this.#writer.create(path, Buffer.alloc(0));
    const after = new Map(instances.map((each) => [each.id, curatorJson(service, each)]));
    const gone = [...(before?.keys() ?? [])].filter((id) => !after.has(id));
    for (const [id, data] of after) {
      const known = before?.get(id);
      if (!known) await this.#writer.create(`${path}/${id}`, data);
      else if (!known.equals(data)) await this.#writer.setData(`${path}/${id}`, data);
    }
    if (gone.length > 0) await this.#writer.multi(gone.map((id) => ({ kind: "delete", path: `${path}/${id}` })));
    this.#written.set(service, after);
  }

  async touch(service: string): Promise<void> {
    for (const [id, data] of this.#written.get(service) ?? []) {
      await this.#writer.setData(`${this.#basePath}/${service}/${id}`, data);
    }
  }

  async drop(service: string): Promise<void> {
    const path = `${this.#basePath}/${service}`;
    const children = [...(this.#written.get(service)?.keys() ?? [])].map((id) => `${path}/${id}`);
    await this.#writer.multi([...children, path].map((each) => ({ kind: "delete", path: each })));
    this.#written.delete(service);
  }
}
