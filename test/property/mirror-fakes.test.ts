/** Mirrors to ZooKeeper and to Kubernetes in random trouble, on fakes that speak the registries' own protocols. */
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { plainCurator } from "../fakes/announced-formats.ts";
import { kubernetesAnnouncerFixture } from "../fakes/kubernetes-announcer-fixture.ts";
import { zookeeperAnnouncerFixture } from "../fakes/zookeeper-announcer-fixture.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { MirrorFakesModel } from "./mirror-fakes-model.ts";
import type { MakeAnnouncerFixture } from "../../src/testing/announcer-contract.ts";

const numRuns = process.env["LINKSPAN_TESTS"] === "long" ? 150 : 4;
const STEPS = 30;

let server: FakeZooKeeper;
before(async () => {
  server = await FakeZooKeeper.start();
});
after(() => server[Symbol.asyncDispose]());

const holds = (make: MakeAnnouncerFixture): Promise<void> =>
  fc.assert(
    fc.asyncProperty(fc.nat(), (seed) => MirrorFakesModel.run(seed, STEPS, make)),
    { numRuns, endOnFailure: true },
  );

describe("the laws of mirrors, on real sockets", () => {
  it("hold for Curator", { timeout: 1_700_000 }, () =>
    holds((options) => zookeeperAnnouncerFixture(server.port, plainCurator, { ...options, sessionTimeoutMs: 1_500 })),
  );

  it("hold for Kubernetes", { timeout: 1_700_000 }, () => holds(kubernetesAnnouncerFixture));
});
