/** io.l5d.curator over a ZooKeeper of any make: what the contract of namers asks for. */
import { randomUUID } from "node:crypto";
import { ZkClient } from "../../namers/zookeeper/client.ts";
import { CuratorNamer, type CuratorNamerOptions } from "../../namers/zookeeper/curator-namer.ts";
import { eventually } from "../../src/testing/eventually.ts";
import type { FixtureInstance, FixtureOptions, NamerFixture } from "../../src/testing/namer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { CutProxy } from "./cut-proxy.ts";

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

export interface CuratorFixture extends NamerFixture {
  readonly namer: CuratorNamer;
  readonly proxy: CutProxy;
  /** Writes past the proxy, so it works during an outage of the namer's. */
  readonly writer: ZkClient;
  readonly basePath: string;
}

/** `port` is where the server listens on 127.0.0.1; each fixture has a base path of its own there. */
export async function curatorFixture(
  port: number,
  { guard, clock, log, down }: FixtureOptions,
  more: Partial<CuratorNamerOptions> = {},
  server: Pick<NamerFixture, "refuse" | "restart"> = {},
): Promise<CuratorFixture> {
  const proxy = await CutProxy.before(port);
  if (down) await proxy.cut();
  const basePath = `/services-${randomUUID().slice(0, 8)}`;
  const options: CuratorNamerOptions = {
    connectString: `127.0.0.1:${proxy.port}`,
    sessionTimeoutMs: 4_000,
    basePath,
    port: "sslPort",
    useDisabled: false,
    tags: [],
    meta: [],
    bindEmpty: false,
    ...more,
  };
  const namer = new CuratorNamer(options, testContext({ guard, clock, log }));
  const writer = new ZkClient({ connectString: `127.0.0.1:${port}`, sessionTimeoutMs: 10_000 }, testContext());
  writer.start();
  await writer.create(basePath, Buffer.alloc(0));
  const registry = new Registry(writer, basePath);
  return {
    namer,
    proxy,
    writer,
    basePath,
    put: (service, instances) => registry.put(service, instances),
    touch: (service) => registry.touch(service),
    drop: (service) => registry.drop(service),
    spoil: (service) => writer.create(`${basePath}/${service}/bad`, Buffer.from("{")).then(() => undefined),
    mend: (service) => writer.delete(`${basePath}/${service}/bad`),
    down: () => proxy.cut(),
    up: () => proxy.mend(),
    stall: () => proxy.stall(),
    resume: () => proxy.resume(),
    reset: () => proxy.reset(),
    slow: (bytesPerSecond) => proxy.slow(bytesPerSecond),
    ...(server.refuse ? { refuse: server.refuse } : {}),
    ...(server.restart ? { restart: () => restarted(writer, server.restart) } : {}),
    connections: () => proxy.connections,
    async [Symbol.asyncDispose]() {
      await namer[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await writer.close();
    },
  };
}

/** An answer to the writer comes over a connection to the server that is there now. */
async function restarted(writer: ZkClient, restart: NamerFixture["restart"]): Promise<void> {
  await restart?.();
  await eventually("the writer can write", () => writer.exists("/").then(Boolean, () => false), 15_000);
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
