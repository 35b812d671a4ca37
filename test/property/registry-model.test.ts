/** ZooKeeper and Consul live random lives; how Kubernetes does, is tested with its reflector. */
import { after, before } from "node:test";
import { Op } from "../../namers/zookeeper/records.ts";
import { CuratorNamer } from "../../namers/zookeeper/curator-namer.ts";
import { ConsulNamer } from "../../namers/consul/namer.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { FakeConsul } from "../fakes/consul.ts";
import { type ConsulFixture, consulFixture, consulOptions } from "../fakes/consul-fixture.ts";
import { curatorFixture } from "../fakes/curator-fixture.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { registryModel } from "./registry-model.ts";

const guard = { holdMs: 0, nameShare: 0.5, sourceShare: 0.2 };
const SYSTEM_ERROR = -1;
const READS = [Op.exists, Op.getData, Op.getChildren2, Op.addWatch];

const unlessWritten: FakeConsul["spoil"] = (_, { method }) => (method === "GET" ? { status: 500 } : undefined);

let zooKeeper: FakeZooKeeper;
let consul: FakeConsul;

before(async () => {
  zooKeeper = await FakeZooKeeper.start();
  consul = await FakeConsul.start();
});

after(async () => {
  await zooKeeper[Symbol.asyncDispose]();
  await consul[Symbol.asyncDispose]();
});

registryModel("io.l5d.curator", {
  make: (options) =>
    curatorFixture(
      zooKeeper.port,
      options,
      {},
      {
        refuse(refuses) {
          for (const op of READS) if (refuses) zooKeeper.failing.set(op, SYSTEM_ERROR);
          for (const op of READS) if (!refuses) zooKeeper.failing.delete(op);
        },
        async restart() {
          zooKeeper.expireSession();
          await zooKeeper.down();
          await zooKeeper.up();
        },
      },
    ),
  another: ({ basePath, proxy }) => {
    const server = { connectString: `127.0.0.1:${proxy.port}`, sessionTimeoutMs: 4_000 };
    const more = { port: "sslPort", useDisabled: false, tags: [], meta: [], bindEmpty: false } as const;
    return new CuratorNamer({ ...server, basePath, ...more }, testContext({ guard }));
  },
});

registryModel("io.l5d.consul", {
  async make(options): Promise<ConsulFixture> {
    const fixture = await consulFixture(consul.port, options);
    return {
      ...fixture,
      refuse: (refuses) => void (consul.spoil = refuses ? unlessWritten : undefined),
      /** Who writes is not cut off. */
      async restart() {
        consul.catalogue.resetIndexes(5);
        fixture.proxy.reset();
      },
    };
  },
  another: ({ proxy }) => new ConsulNamer(consulOptions(proxy.port), testContext({ guard })),
});
