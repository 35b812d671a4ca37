/** Serversets and leader groups on a real ZooKeeper: held to the contract of namers, and written by a stranger. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { GroupNamer, type Groups } from "../../namers/zookeeper/group-namer.ts";
import { leaders } from "../../namers/zookeeper/leaders.ts";
import { serversets } from "../../namers/zookeeper/serversets.ts";
import { Path } from "../../src/naming/path.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FollowedName, FollowedVar } from "../../src/testing/followed-var.ts";
import { namerContract } from "../../src/testing/namer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { leaderFixture } from "../fakes/leader-fixture.ts";
import { memberJson, serversetFixture } from "../fakes/serverset-fixture.ts";
import { requireServer } from "../servers/require.ts";
import { openWitness } from "../servers/zookeeper-witness.ts";
import { missingForZooKeeper, startZooKeeper, type ZooKeeperServer } from "../servers/zookeeper.ts";

const missing = missingForZooKeeper();
const host = "127.0.0.1";
let server: ZooKeeperServer | undefined;

before(async () => {
  if (missing === undefined) server = await startZooKeeper({ tickTime: 500 });
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

if (missing === undefined) {
  const verbs = { restart: async (): Promise<void> => server?.restart() };
  // Longer paths may be other names, and a real server does not refuse every question and go on.
  const without = ["residuals", "refuse"] as const;
  namerContract("io.l5d.serversets on ZooKeeper", (given) => serversetFixture(server?.port ?? 0, given, verbs), {
    without,
  });
  namerContract("io.l5d.zkLeader on ZooKeeper", (given) => leaderFixture(server?.port ?? 0, given, verbs), {
    // A leader is where its own words say, and nothing else.
    without: [...without, "losses", "signs", "weights", "zones"],
  });
}

function namerOf<T>(groups: Groups<T>, connectString: string): GroupNamer<T> {
  const options = { connectString, sessionTimeoutMs: 4_000 };
  return new GroupNamer(groups, options, testContext({ guard: { holdMs: 0, nameShare: 0.5, sourceShare: 0.2 } }));
}

const until = (followed: FollowedName, ports: readonly number[]): Promise<boolean> =>
  eventually(
    `bound to ${ports.join()}`,
    () => followed.keys?.join() === ports.map((port) => `${host}:${port}`).join(),
    15_000,
  );

test(
  "members that an unrelated client registers are followed, through a restart of the server",
  { timeout: 90_000 },
  async (t) => {
    if (!requireServer(t, missing) || !server) return;
    await using namer = namerOf(serversets, server.connectString);
    using followed = new FollowedName(namer.lookup(Path.read("/discovery/prod/web/rest")));
    using http = new FollowedName(namer.lookup(Path.of("discovery", "prod", "web:http#1")));
    using names = new FollowedVar(namer.names());
    await eventually("neg", () => followed.isNeg && http.isNeg);
    using witness = await openWitness(server.connectString);
    await witness.makeFolder("/discovery/prod/web");
    const member = (shard: number, more: object = {}): Buffer => {
      const additionalEndpoints = { http: { host, port: 9000 + shard } };
      return memberJson({ host, port: 8000 + shard }, { shard, additionalEndpoints, ...more });
    };
    const first = await witness.register("/discovery/prod/web/member_", member(0));
    const second = await witness.register("/discovery/prod/web/member_", member(1));
    assert.match(first, /member_\d{10}$/);
    await until(followed, [8000, 8001]);
    await until(http, [9001]);
    assert.equal(followed.bound?.id.show, "/discovery/prod/web");
    assert.equal(followed.bound.residual.show, "/rest");
    await eventually("listed", () => names.value?.some((each) => each.show === "/discovery/prod/web"));
    await witness.change(first, member(0, { status: "STOPPING" }));
    await until(followed, [8001]);
    await server.restart();
    const third = await witness.register("/discovery/prod/web/member_", member(2));
    await until(followed, [8001, 8002]);
    await witness.change(second, member(7));
    await until(followed, [8002, 8007]);
    await witness.remove(third);
    await until(followed, [8007]);
  },
);

test("the members of a client that ends are gone with its session", { timeout: 60_000 }, async (t) => {
  if (!requireServer(t, missing) || !server) return;
  await using namer = namerOf(serversets, server.connectString);
  using followed = new FollowedName(namer.lookup(Path.read("/sessions/web")));
  using stays = await openWitness(server.connectString);
  const ends = await openWitness(server.connectString);
  await stays.makeFolder("/sessions/web");
  await stays.register("/sessions/web/member_", memberJson({ host, port: 8001 }));
  await ends.register("/sessions/web/member_", memberJson({ host, port: 8002 }));
  await until(followed, [8001, 8002]);
  ends[Symbol.dispose]();
  await until(followed, [8001]);
});

test(
  "a leader that an unrelated client registers is followed until the next one leads",
  { timeout: 60_000 },
  async (t) => {
    if (!requireServer(t, missing) || !server) return;
    await using namer = namerOf(leaders, server.connectString);
    using followed = new FollowedName(namer.lookup(Path.read("/masters/rest")));
    await eventually("neg", () => followed.isNeg);
    const leader = await openWitness(server.connectString);
    using next = await openWitness(server.connectString);
    await leader.makeFolder("/masters");
    await leader.register("/masters/member_", Buffer.from(`${host}:8001`));
    await next.register("/masters/member_", Buffer.from(`${host}:8002`));
    await until(followed, [8001]);
    assert.equal(followed.bound?.residual.show, "/rest");
    leader[Symbol.dispose]();
    await until(followed, [8002]);
  },
);
