/** The announcers of Curator and of serversets are held to the contract of announcers on real ZooKeepers, old and new. */
import { after, before, test } from "node:test";
import { announcerContract, type MakeAnnouncerFixture } from "../../src/testing/announcer-contract.ts";
import { plainCurator, plainServerset } from "../fakes/announced-formats.ts";
import { type PlainEntries, zookeeperAnnouncerFixture } from "../fakes/zookeeper-announcer-fixture.ts";
import { requireServer } from "../servers/require.ts";
import { missingForZooKeeper, startZooKeeper, type ZooKeeperServer } from "../servers/zookeeper.ts";
import { generations } from "../servers/zookeeper-jars.ts";

for (const generation of generations) {
  const missing = missingForZooKeeper(generation);
  let server: ZooKeeperServer | undefined;
  before(async () => {
    if (missing === undefined) server = await startZooKeeper({ generation, tickTime: 500 });
  });
  after(async () => {
    await server?.[Symbol.asyncDispose]();
  });
  const over =
    (plain: PlainEntries): MakeAnnouncerFixture =>
    (options) =>
      zookeeperAnnouncerFixture(server?.port ?? 0, plain, { ...options, sessionTimeoutMs: 2_000 });
  if (missing !== undefined) {
    test(`announcers on ZooKeeper ${generation}`, (t) => void requireServer(t, missing));
    continue;
  }
  // A real server does not refuse every question and go on.
  announcerContract(`io.l5d.curator on ZooKeeper ${generation}`, over(plainCurator), { without: ["meta", "refuse"] });
  if (generation !== "3.8") continue;
  announcerContract(`io.l5d.serversets on ZooKeeper ${generation}`, over(plainServerset), {
    without: ["meta", "payload", "refuse"],
  });
}
