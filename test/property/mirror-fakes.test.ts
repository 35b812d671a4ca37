/** Mirrors to ZooKeeper, Consul and Kubernetes in random trouble, on fakes that speak the registries' own protocols. */
import { after, before, describe, it } from "node:test";
import fc from "fast-check";
import { FakeConsul } from "../fakes/consul.ts";
import { consulAnnouncerFixture } from "../fakes/consul-announcer-fixture.ts";
import { plainCurator } from "../fakes/announced-formats.ts";
import { kubernetesAnnouncerFixture } from "../fakes/kubernetes-announcer-fixture.ts";
import { zookeeperAnnouncerFixture } from "../fakes/zookeeper-announcer-fixture.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { MirrorFakesModel } from "./mirror-fakes-model.ts";
import type {
  AnnouncerFixture,
  AnnouncerFixtureOptions,
  MakeAnnouncerFixture,
} from "../../src/testing/announcer-contract.ts";

const numRuns = process.env["LINKSPAN_TESTS"] === "long" ? 150 : 2;
const STEPS = 30;

let server: FakeZooKeeper;
before(async () => {
  server = await FakeZooKeeper.start();
});
after(() => server[Symbol.asyncDispose]());

/** In which the agent forgets what was registered with it, and answers with errors of its own. */
async function consulFixture(given: AnnouncerFixtureOptions): Promise<AnnouncerFixture> {
  const fake = await FakeConsul.start();
  fake.sessions.longestMs = 1_800;
  const fixture = await consulAnnouncerFixture(fake.port, given, {});
  return {
    ...fixture,
    expire: () => ["m-1", "m-2", "m-3", "m-4"].forEach((member) => fake.local.forget(member)),
    refuse: (refuses) =>
      void (fake.spoil = refuses
        ? (_, request) =>
            request.url?.includes("passing=true") === true ? undefined : { status: 500, body: "rpc error" }
        : undefined),
    async [Symbol.asyncDispose]() {
      fake.spoil = undefined;
      await fixture[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

const holds = (make: MakeAnnouncerFixture): Promise<void> =>
  fc.assert(
    fc.asyncProperty(fc.nat(), (seed) => MirrorFakesModel.run(seed, STEPS, make)),
    { numRuns, endOnFailure: true },
  );

describe("the laws of mirrors, on real sockets", () => {
  it("hold for Curator", { timeout: 1_700_000 }, () =>
    holds((options) => zookeeperAnnouncerFixture(server.port, plainCurator, { ...options, sessionTimeoutMs: 1_500 })),
  );

  it("hold for Consul", { timeout: 1_700_000 }, () => holds(consulFixture));

  it("hold for Kubernetes", { timeout: 1_700_000 }, () => holds(kubernetesAnnouncerFixture));
});
