/** Whichever starts first, router or registry, and however often the registry comes and goes: who asks is answered within 2 s of its last start. */
import { after, before, describe, it } from "node:test";
import { Path } from "../../src/naming/path.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../src/testing/eventually.ts";
import { FollowedName } from "../../src/testing/followed-var.ts";
import type { FixtureOptions, MakeFixture, NamerFixture } from "../../src/testing/namer-contract.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { FakeConsul } from "../fakes/consul.ts";
import { consulFixture } from "../fakes/consul-fixture.ts";
import { curatorFixture } from "../fakes/curator-fixture.ts";
import { fakeDnsFixture } from "../fakes/dns-fixture.ts";
import { kubernetesFixture } from "../fakes/kubernetes-fixture.ts";
import { leaderFixture } from "../fakes/leader-fixture.ts";
import { marathonFixture } from "../fakes/marathon-fixture.ts";
import { nomadFixture } from "../fakes/nomad-fixture.ts";
import { serversetFixture } from "../fakes/serverset-fixture.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";

const ANSWERED_MS = 2_000;
/** Long enough for every back-off to have grown. */
const DOWN_MS = 6_000;
const one = [{ id: "i-1", host: "127.0.0.1", port: 8001 }];

let zooKeeper: FakeZooKeeper;

before(async () => {
  zooKeeper = await FakeZooKeeper.start();
});
after(async () => {
  await zooKeeper[Symbol.asyncDispose]();
});

const namers: Readonly<Record<string, MakeFixture>> = {
  "io.l5d.curator": (given) => curatorFixture(zooKeeper.port, given),
  "io.l5d.serversets": (given) => serversetFixture(zooKeeper.port, given),
  "io.l5d.zkLeader": (given) => leaderFixture(zooKeeper.port, given),
  "io.l5d.consul": onConsul,
  "io.l5d.k8s": (given) => kubernetesFixture(given),
  "io.l5d.marathon": (given) => marathonFixture(given),
  "io.l5d.nomad": (given) => nomadFixture(given),
  "io.l5d.dnssrv": (given) => fakeDnsFixture(given),
};

/** Its services have no folder of their own, so each has a server. */
async function onConsul(options: FixtureOptions): Promise<NamerFixture> {
  const server = await FakeConsul.start();
  const fixture = await consulFixture(server.port, options);
  return {
    ...fixture,
    async [Symbol.asyncDispose]() {
      await fixture[Symbol.asyncDispose]();
      await server[Symbol.asyncDispose]();
    },
  };
}

const given = (down: boolean): FixtureOptions => ({
  guard: { holdMs: 30_000, nameShare: 0.5, sourceShare: 0.2 },
  clock: new CountingClock(),
  log: new RecordingLog(),
  down,
});

const pathOf = (fixture: NamerFixture): Path => fixture.path?.("users") ?? Path.of("users");

function untilAnswered(followed: FollowedName): Promise<unknown> {
  const isAnswered = (): boolean => followed.keys?.length === 1 && !followed.isStale;
  return eventually("the first success", isAnswered, ANSWERED_MS);
}

describe("whichever starts first", { concurrency: 12 }, () => {
  for (const [name, make] of Object.entries(namers)) {
    const about = { timeout: 60_000 };

    it(`${name}: is answered within 2 s where its registry was there before`, about, async () => {
      await using fixture = await make(given(false));
      await fixture.put("users", one);
      using followed = new FollowedName(fixture.namer.lookup(pathOf(fixture)));
      await untilAnswered(followed);
    });

    it(`${name}: is answered within 2 s of the start of a registry that came late`, about, async () => {
      await using fixture = await make(given(true));
      await fixture.put("users", one);
      using followed = new FollowedName(fixture.namer.lookup(pathOf(fixture)));
      await eventually("failed", () => followed.tree.state.tag === "failed", 15_000);
      await quietFor(DOWN_MS);
      await fixture.up();
      await untilAnswered(followed);
    });

    it(`${name}: is answered within 2 s of the last start of a registry that comes and goes`, about, async () => {
      await using fixture = await make(given(true));
      await fixture.put("users", one);
      using followed = new FollowedName(fixture.namer.lookup(pathOf(fixture)));
      for (let round = 0; round < 8; round++) {
        await fixture.up();
        await quietFor(30 * round);
        await fixture.down();
        await quietFor(300);
      }
      await fixture.up();
      await untilAnswered(followed);
    });
  }
});
