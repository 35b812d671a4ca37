/** io.l5d.curator is held to the contract of namers, on servers with persistent watches and on those before 3.6. */
import { after, before } from "node:test";
import { Op } from "../../namers/zookeeper/records.ts";
import { namerContract, type NamerFixture } from "../../src/testing/namer-contract.ts";
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

const READS = [Op.exists, Op.getData, Op.getChildren2, Op.addWatch];
const SYSTEM_ERROR = -1;

/** Only what the namer asks: who writes goes on. */
const verbsOf = (of: () => FakeZooKeeper): Pick<NamerFixture, "refuse" | "restart"> => ({
  refuse(refuses) {
    for (const op of READS) if (refuses) of().failing.set(op, SYSTEM_ERROR);
    for (const op of READS) if (!refuses) of().failing.delete(op);
  },
  async restart() {
    of().expireSession();
    await of().down();
    await of().up();
  },
});

const verbs = verbsOf(() => server);
const oldVerbs = verbsOf(() => oldServer);
// Curator's instances have no weight.
const options = { without: ["weights"] } as const;

namerContract("io.l5d.curator", (given) => curatorFixture(server.port, given, {}, verbs), options);
namerContract("io.l5d.curator before 3.6", (given) => curatorFixture(oldServer.port, given, {}, oldVerbs), options);
