/** io.l5d.consul through everything that an agent, or who stands before it, can answer. */
import assert from "node:assert/strict";
import { mkdtemp, rm, writeFile } from "node:fs/promises";
import { tmpdir } from "node:os";
import { join } from "node:path";
import { test } from "node:test";
import type { ConsulOptions } from "../../namers/consul/options.ts";
import { Secret } from "../../src/base/secret.ts";
import { Path } from "../../src/naming/path.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../src/testing/eventually.ts";
import { FollowedName } from "../../src/testing/followed-var.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { FakeConsul, type Spoiling } from "../fakes/consul.ts";
import { type ConsulFixture, consulFixture } from "../fakes/consul-fixture.ts";

const users = Path.of("dc1", "users");
const one = [{ id: "i-1", host: "127.0.0.1", port: 8001 }];
const two = [...one, { id: "i-2", host: "127.0.0.1", port: 8002 }];
const OFF = { holdMs: 0, nameShare: 0.5, sourceShare: 0.2 };
const HOLD = { holdMs: 600, nameShare: 0.5, sourceShare: 1 };

interface Scene extends AsyncDisposable {
  readonly fake: FakeConsul;
  readonly fixture: ConsulFixture;
  readonly log: RecordingLog;
}

async function scene(more: Partial<ConsulOptions> = {}, guard = OFF, limits = { waitMs: 2_000 }): Promise<Scene> {
  const fake = await FakeConsul.start();
  const log = new RecordingLog();
  const given = { guard, clock: new CountingClock(), log, down: false };
  const fixture = await consulFixture(fake.port, given, more, {}, limits);
  return {
    fake,
    fixture,
    log,
    async [Symbol.asyncDispose]() {
      fake.spoil = undefined;
      await fixture[Symbol.asyncDispose]();
      await fake[Symbol.asyncDispose]();
    },
  };
}

const ports = (followed: FollowedName): string | undefined =>
  followed.addresses?.value?.addresses.map(({ port }) => port).join();
const untilPorts = (followed: FollowedName, wanted: string, withinMs = 8_000): Promise<boolean> =>
  eventually(`bound to ${wanted}`, () => followed.tree.value?.tag === "leaf" && ports(followed) === wanted, withinMs);
/** Answers about services alone. */
const ofServices = (spoiling: () => Spoiling | undefined) => (path: string) =>
  path.includes("/service/") ? spoiling() : undefined;

for (const [what, index] of [
  ["no index", undefined],
  ["an index of 0", "0"],
  ["a negative index", "-3"],
  ["an index that is no number", "abc"],
] as const) {
  test(`with ${what} a name is asked for anew, and not as fast as it is answered`, { timeout: 30_000 }, async () => {
    await using given = await scene();
    const { fake, fixture } = given;
    await fixture.put("users", one);
    fake.spoil = ofServices(() => ({ index }));
    using followed = new FollowedName(fixture.namer.lookup(users));
    await untilPorts(followed, "8001");
    await quietFor(1_000);
    const asked = fake.asked.filter((each) => each.includes("/service/users"));
    assert.ok(asked.length < 15, `${asked.length} questions in a second`);
    assert.ok(asked.every((each) => !each.includes("index=")));
    await fixture.put("users", two);
    await untilPorts(followed, "8001,8002");
  });
}

test("an index that goes backwards begins anew, and loses nothing", { timeout: 30_000 }, async () => {
  await using given = await scene();
  const { fake, fixture } = given;
  for (let n = 0; n < 20; n++) await fixture.put(`other-${n}`, one);
  await fixture.put("users", one);
  using followed = new FollowedName(fixture.namer.lookup(users));
  await untilPorts(followed, "8001");
  fake.catalogue.resetIndexes(1);
  await fixture.put("users", two);
  await untilPorts(followed, "8001,8002");
});

for (const [what, again] of [
  ["its queries are held on", () => undefined],
  ["its connections are reset", (fixture: ConsulFixture) => fixture.proxy.reset()],
] as const) {
  test(`what a restored server does not know is not called on, when ${what}`, { timeout: 40_000 }, async () => {
    await using given = await scene({}, OFF, { waitMs: 30_000 });
    const { fake, fixture } = given;
    for (let n = 0; n < 20; n++) await fixture.put(`other-${n}`, one);
    await fixture.put("users", two);
    using followed = new FollowedName(fixture.namer.lookup(users));
    await untilPorts(followed, "8001,8002");
    await eventually("it is watched", () => fake.waiting >= 2);
    fake.catalogue.resetIndexes(5);
    again(fixture);
    await fixture.put("users", one);
    // The heartbeat's answer is at most 4.25 s away; the name's own query waits for 30 s.
    await untilPorts(followed, "8001", 7_000);
    await fixture.drop("users");
    await eventually("it is watched again", () => followed.isNeg);
  });
}

test("a server that answers at once is asked seldom, and what it says is told once", { timeout: 30_000 }, async () => {
  await using given = await scene();
  const { fake, fixture } = given;
  await fixture.put("users", one);
  fake.answersAtOnce = true;
  using followed = new FollowedName(fixture.namer.lookup(users));
  await untilPorts(followed, "8001");
  const told = followed.addresses?.states.length;
  await quietFor(1_500);
  assert.ok(fake.asked.length < 40, `${fake.asked.length} questions`);
  assert.equal(followed.addresses?.states.length, told);
});

test("every wait is said, is of at most a minute, and differs from the others", { timeout: 30_000 }, async () => {
  await using given = await scene();
  const { fake, fixture } = given;
  const all = ["a", "b", "c", "d"].map((name) => new FollowedName(fixture.namer.lookup(Path.of("dc1", name))));
  await eventually("all are asked", () => all.every((each) => each.isNeg));
  await eventually("all wait", () => fake.waiting >= 4);
  const waits = fake.asked.flatMap((each) => /service\/.*wait=(\d+)ms/.exec(each)?.[1] ?? []);
  assert.ok(waits.every((each) => Number(each) <= 60_000));
  assert.ok(new Set(waits).size > 1);
  all.forEach((each) => each[Symbol.dispose]());
});

for (const [what, spoiling] of [
  ["403", { status: 403, body: "ACL not found" }],
  ["429", { status: 429, body: "too many" }],
  ["500", { status: 500, body: "No cluster leader" }],
  ["a page of HTML", { body: "<html>welcome</html>" }],
  ["half of its JSON", { body: '[{"Node"' }],
  ["a body that is cut", { cutAfter: 20 }],
] as const) {
  test(`an agent that answers with ${what} takes nothing away, and is asked on`, { timeout: 30_000 }, async () => {
    await using given = await scene();
    const { fake, fixture, log } = given;
    await fixture.put("users", one);
    using followed = new FollowedName(fixture.namer.lookup(users));
    await untilPorts(followed, "8001");
    fake.spoil = ofServices(() => spoiling);
    await fixture.put("users", two);
    await eventually("stale", () => followed.isStale, 10_000);
    await quietFor(500);
    assert.equal(ports(followed), "8001");
    assert.ok(fake.asked.length < 100, `${fake.asked.length} questions`);
    fake.spoil = undefined;
    await untilPorts(followed, "8001,8002", 15_000);
    assert.equal(
      log.told("namer.stale").length,
      1,
      JSON.stringify([...log.told("namer.stale"), ...log.told("namer.recovered")]),
    );
  });
}

test("an answer of 20 MB is read", { timeout: 60_000 }, async () => {
  await using given = await scene();
  const { fake, fixture } = given;
  await fixture.put("users", one);
  const fill = "x".repeat(20_000_000);
  const entry = {
    Node: { Node: "n", Address: "127.0.0.1" },
    Service: { ID: "i", Port: 8001 },
    Checks: [{ Output: fill }],
  };
  const body = JSON.stringify([entry]);
  fake.spoil = ofServices(() => ({ body }));
  using followed = new FollowedName(fixture.namer.lookup(users));
  await untilPorts(followed, "8001", 20_000);
});

test("an answer without an end is refused with its size", { timeout: 60_000 }, async () => {
  await using given = await scene();
  const { fake, fixture } = given;
  const body = `[${" ".repeat(65 * 2 ** 20)}]`;
  fake.spoil = ofServices(() => ({ body }));
  using followed = new FollowedName(fixture.namer.lookup(users));
  await eventually("refused", () => followed.tree.state.tag === "failed", 30_000);
  const { state } = followed.tree;
  assert.match(state.tag === "failed" ? state.cause.message : "", /more than \d+ bytes/);
});

test("a connection that leads nowhere is found out, and everything is read again", { timeout: 40_000 }, async () => {
  await using given = await scene();
  const { fixture } = given;
  await fixture.put("users", one);
  using followed = new FollowedName(fixture.namer.lookup(users));
  await untilPorts(followed, "8001");
  fixture.proxy.stall();
  await fixture.put("users", two);
  await eventually("stale", () => followed.isStale, 15_000);
  fixture.proxy.resume();
  await untilPorts(followed, "8001,8002", 10_000);
});

test("a token that may not read a service has not found that there is none", { timeout: 30_000 }, async () => {
  await using given = await scene();
  const { fake, fixture } = given;
  await fixture.put("users", one);
  fake.allowed = new Set(["good"]);
  using followed = new FollowedName(fixture.namer.lookup(users));
  await eventually("failed", () => followed.tree.state.tag === "failed");
  const { state } = followed.tree;
  assert.match(state.tag === "failed" ? state.cause.message : "", /may not read the service users/);
});

test("a token that loses its rights takes nothing away, however long it lasts", { timeout: 30_000 }, async () => {
  await using given = await scene({ token: new Secret("good") }, HOLD);
  const { fake, fixture } = given;
  await fixture.put("users", one);
  fake.allowed = new Set(["good"]);
  using followed = new FollowedName(fixture.namer.lookup(users));
  await untilPorts(followed, "8001");
  fake.allowed = new Set();
  fake.cut();
  await quietFor(1_500);
  assert.equal(ports(followed), "8001");
  assert.equal(followed.tree.value?.tag, "leaf");
});

test("a token in a file is sent, and sent anew when the file has changed", { timeout: 30_000 }, async () => {
  const folder = await mkdtemp(join(tmpdir(), "linkspan-token-"));
  const tokenFile = join(folder, "token");
  await writeFile(tokenFile, "first\n");
  await using given = await scene({ tokenFile });
  const { fake, fixture, log } = given;
  fake.allowed = new Set(["first", "second"]);
  using followed = new FollowedName(fixture.namer.lookup(users));
  await eventually("the first is sent", () => fake.tokens.has("first"));
  await writeFile(tokenFile, "second\n");
  await eventually("the second is sent", () => fake.tokens.has("second"), 10_000);
  assert.ok(followed.isNeg);
  assert.ok(!JSON.stringify(log).includes("second"));
  await rm(folder, { recursive: true });
});

test(
  "`.local` is where the agent says it is, also when it would not say so at first",
  { timeout: 30_000 },
  async () => {
    await using given = await scene();
    const { fake, fixture } = given;
    fake.datacenter = "east";
    await fixture.put("users", one);
    fake.spoil = (path) => (path === "/v1/agent/self" ? { status: 403, body: "Permission denied" } : undefined);
    using followed = new FollowedName(fixture.namer.lookup(Path.of(".local", "users", "more")));
    await eventually("failed", () => followed.tree.state.tag === "failed");
    fake.spoil = undefined;
    await untilPorts(followed, "8001");
    assert.equal(followed.bound?.id.show, "/.local/users");
    assert.ok(fake.asked.some((each) => each.includes("/service/users") && each.includes("dc=east")));
  },
);

test("with setHost requests carry the name of Consul's DNS, in the agent's domain", { timeout: 30_000 }, async () => {
  await using given = await scene({ setHost: true, includeTag: true });
  const { fake, fixture } = given;
  fake.domain = ".consul.acme.co.";
  const service = { ID: "m", Service: "servicename", Address: "127.0.0.1", Port: 8001, Tags: ["master"] };
  fake.catalogue.write([{ Node: "n", Address: "127.0.0.1", Service: service }]);
  using followed = new FollowedName(fixture.namer.lookup(Path.of("dc1", "Master", "ServiceName")));
  await untilPorts(followed, "8001");
  const { meta } = followed.addresses?.value ?? { meta: {} };
  assert.deepEqual(meta, { authority: "master.servicename.service.dc1.consul.acme.co" });
  assert.ok(fake.asked.some((each) => each.includes("/service/servicename") && each.includes("tag=master")));
});

test("a datacenter that nobody knows has failed, and is asked for seldom", { timeout: 30_000 }, async () => {
  await using given = await scene();
  const { fake, fixture } = given;
  using followed = new FollowedName(fixture.namer.lookup(Path.of("nowhere", "users")));
  await eventually("failed", () => followed.tree.state.tag === "failed");
  await quietFor(1_000);
  assert.ok(fake.asked.length < 20, `${fake.asked.length} questions`);
});

test("a consistency mode goes with every question", { timeout: 30_000 }, async () => {
  await using given = await scene({ consistencyMode: "stale" });
  const { fake, fixture } = given;
  using followed = new FollowedName(fixture.namer.lookup(users));
  await eventually("answered", () => followed.isNeg);
  assert.ok(
    fake.asked
      .filter((each) => each.includes("dc=dc1") && !each.includes("acl"))
      .every((each) => each.includes("stale=true")),
  );
});
