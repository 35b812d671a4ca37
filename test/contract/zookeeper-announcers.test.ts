/** The announcers of Curator and of serversets are held to the contract of announcers, on the fake ZooKeeper. */
import { after, before } from "node:test";
import { Op } from "../../namers/zookeeper/records.ts";
import { announcerContract, type MakeAnnouncerFixture } from "../../src/testing/announcer-contract.ts";
import { plainCurator, plainServerset } from "../fakes/announced-formats.ts";
import { type PlainEntries, zookeeperAnnouncerFixture } from "../fakes/zookeeper-announcer-fixture.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";

const OPERATIONS = [Op.create, Op.delete, Op.exists, Op.getData, Op.setData, Op.sync, Op.getChildren2, Op.multi];
const SYSTEM_ERROR = -1;

let server: FakeZooKeeper;
before(async () => {
  server = await FakeZooKeeper.start();
});
after(() => server[Symbol.asyncDispose]());

const over =
  (plain: PlainEntries): MakeAnnouncerFixture =>
  async (options) => ({
    ...(await zookeeperAnnouncerFixture(server.port, plain, { ...options, sessionTimeoutMs: 1_500 })),
    refuse(refuses) {
      for (const op of OPERATIONS) if (refuses) server.failing.set(op, SYSTEM_ERROR);
      for (const op of OPERATIONS) if (!refuses) server.failing.delete(op);
    },
  });

// Neither has a field for whatever an instance says of itself elsewhere.
announcerContract("io.l5d.curator", over(plainCurator), { without: ["meta"] });
announcerContract("io.l5d.serversets", over(plainServerset), { without: ["payload"] });
