/** io.l5d.curator is held to the contract of namers, on servers with persistent watches and on those before 3.6. */
import { after, before } from "node:test";
import { Op } from "../../namers/zookeeper/records.ts";
import { namerContract } from "../../src/testing/namer-contract.ts";
import { curatorFixture } from "../fakes/curator-fixture.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";

let server: FakeZooKeeper;
let oldServer: FakeZooKeeper;

before(async () => {
  server = await FakeZooKeeper.start();
  oldServer = await FakeZooKeeper.start();
  for (const op of [Op.addWatch, Op.removeWatches]) oldServer.unsupported.add(op);
});

after(async () => {
  await server[Symbol.asyncDispose]();
  await oldServer[Symbol.asyncDispose]();
});

namerContract("io.l5d.curator", (options) => curatorFixture(server.port, options));
namerContract("io.l5d.curator before 3.6", (options) => curatorFixture(oldServer.port, options));
