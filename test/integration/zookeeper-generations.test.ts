/** io.l5d.curator is held to the contract of namers on the generations of ZooKeeper that are not installed here. */
import { after, before, test } from "node:test";
import { namerContract } from "../../src/testing/namer-contract.ts";
import { curatorFixture } from "../fakes/curator-fixture.ts";
import { requireServer } from "../servers/require.ts";
import { generations } from "../servers/zookeeper-jars.ts";
import { missingForZooKeeper, startZooKeeper, type ZooKeeperServer } from "../servers/zookeeper.ts";

for (const generation of generations.filter((each) => each !== "3.8")) {
  const missing = missingForZooKeeper(generation);
  if (missing !== undefined) {
    test(`io.l5d.curator on ZooKeeper ${generation}`, (t) => void requireServer(t, missing));
    continue;
  }
  let server: ZooKeeperServer | undefined;
  before(async () => {
    server = await startZooKeeper({ generation });
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
  });
  // As on 3.8: see curator-zookeeper.test.ts.
  namerContract(
    `io.l5d.curator on ZooKeeper ${generation}`,
    (options) => curatorFixture(server?.port ?? 0, options, {}, { restart: async () => server?.restart() }),
    { without: ["weights", "refuse"] },
  );
}
