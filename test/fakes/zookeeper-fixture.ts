/** A namer over a ZooKeeper of any make, in a tree of its own: what the contract of namers asks for. */
import { isFastSet } from "./fast-set.ts";
import { randomUUID } from "node:crypto";
import { after, before } from "node:test";
import { ZkClient, type ZkOptions } from "../../namers/zookeeper/client.ts";
import { Op } from "../../namers/zookeeper/records.ts";
import type { Namer, PluginContext } from "../../src/plugin.ts";
import { eventually } from "../../src/testing/eventually.ts";
import {
  type ContractOptions,
  type FixtureOptions,
  namerContract,
  type NamerFixture,
} from "../../src/testing/namer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { clearTrees } from "./cleared-tree.ts";
import { CutProxy } from "./cut-proxy.ts";
import { FakeZooKeeper } from "./zookeeper.ts";

/** What can be done to the server itself. */
export type ServerVerbs = Pick<NamerFixture, "refuse" | "restart" | "kept">;

/** Whose session goes on while the fixture does. */
const OF_THE_WRITER = 1;

/** What is written below the fixture's base path. */
export type RegistryVerbs = Pick<NamerFixture, "put" | "touch" | "drop" | "spoil" | "mend">;

export interface ZooKeeperFixture<N extends Namer> extends NamerFixture {
  readonly namer: N;
  readonly proxy: CutProxy;
  /** Writes past the proxy, so it works during an outage of the namer's. */
  readonly writer: ZkClient;
  readonly basePath: string;
}

export interface ZooKeeperFixtureParts<N extends Namer> {
  readonly server?: ServerVerbs;
  newNamer(options: ZkOptions, basePath: string, context: PluginContext): N;
  newRegistry(writer: ZkClient, basePath: string): RegistryVerbs;
}

/** `port` is where the server listens on 127.0.0.1. */
export async function zookeeperFixture<N extends Namer>(
  port: number,
  { guard, clock, log, down }: FixtureOptions,
  { newNamer, newRegistry, server = {} }: ZooKeeperFixtureParts<N>,
): Promise<ZooKeeperFixture<N>> {
  const proxy = await CutProxy.before(port);
  if (down) await proxy.cut();
  const basePath = `/services-${randomUUID().slice(0, 8)}`;
  const options = { connectString: `127.0.0.1:${proxy.port}`, sessionTimeoutMs: 4_000 };
  const namer = newNamer(options, basePath, testContext({ guard, clock, log }));
  const writer = new ZkClient({ connectString: `127.0.0.1:${port}`, sessionTimeoutMs: 10_000 }, testContext());
  writer.start();
  await writer.create(basePath, Buffer.alloc(0));
  return {
    namer,
    proxy,
    writer,
    basePath,
    ...newRegistry(writer, basePath),
    ...proxy.verbs,
    ...(server.refuse ? { refuse: server.refuse } : {}),
    ...(server.kept ? { kept: server.kept } : {}),
    ...(server.restart ? { restart: () => restarted(writer, server.restart) } : {}),
    async [Symbol.asyncDispose]() {
      await namer[Symbol.asyncDispose]();
      await proxy[Symbol.asyncDispose]();
      await writer.close();
      await clearTrees(port, basePath);
    },
  };
}

/** An answer to the writer comes over a connection to the server that is there now. */
async function restarted(writer: ZkClient, restart: NamerFixture["restart"]): Promise<void> {
  await restart?.();
  await eventually("the writer can write", () => writer.exists("/").then(Boolean, () => false), 15_000);
}

type MakeOn = (port: number, given: FixtureOptions, server: ServerVerbs) => Promise<NamerFixture>;

/** Holds a namer to the contract on fake servers: one with persistent watches, and one as they were before 3.6. */
export function contractOnFakes(kind: string, make: MakeOn, options: ContractOptions): void {
  for (const generation of isFastSet ? [""] : ["", " before 3.6"]) {
    let server: FakeZooKeeper;
    before(async () => {
      server = await FakeZooKeeper.start();
      if (generation !== "") for (const op of [Op.addWatch, Op.removeWatches]) server.unsupported.add(op);
    });
    after(() => server[Symbol.asyncDispose]());
    const verbs = fakeVerbs(() => server);
    namerContract(`${kind}${generation}`, (given) => make(server.port, given, verbs), options);
  }
}

const READS = [Op.exists, Op.getData, Op.getChildren2, Op.addWatch];
const SYSTEM_ERROR = -1;

/** Only what the namer asks is refused: who writes goes on. */
const fakeVerbs = (of: () => FakeZooKeeper): ServerVerbs => ({
  refuse(refuses) {
    for (const op of READS) if (refuses) of().failing.set(op, SYSTEM_ERROR);
    for (const op of READS) if (!refuses) of().failing.delete(op);
  },
  kept: () => Math.max(0, of().sessions.length - OF_THE_WRITER) + of().watches,
  async restart() {
    of().expireSession();
    await of().down();
    await of().up();
  },
});
