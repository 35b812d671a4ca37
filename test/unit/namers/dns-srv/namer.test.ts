import assert from "node:assert/strict";
import { after, before, beforeEach, test } from "node:test";
import type { DnsNamerOptions } from "../../../../namers/dns-srv/namer.ts";
import { Path, type PluginContext, type Resolver } from "../../../../src/plugin.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { FollowedName, FollowedVar } from "../../../../src/testing/followed-var.ts";
import { RecordingLog } from "../../../../src/testing/recording-log.ts";
import { DnsNamer } from "../../../../namers/dns-srv/namer.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeDnsServer } from "../../../fakes/dns-server.ts";
import { dnsNamer } from "../../../fakes/dns-fixture.ts";

let dns: FakeDnsServer;
before(async () => {
  dns = await FakeDnsServer.start();
});
after(() => dns[Symbol.asyncDispose]());
beforeEach(() => {
  dns.services.clear();
  dns.hosts.clear();
  dns.aliases.clear();
  dns.resume();
  Object.assign(dns, { ttl: 30, withAdditionals: false });
  dns.hosts.set("a.test", ["10.0.0.1"]);
  dns.hosts.set("b.test", ["10.0.0.2", "fd00::2"]);
  dns.hosts.set("c.test", ["10.0.0.3", "10.0.0.4"]);
});

const LONG_HOLD = { holdMs: 60_000, nameShare: 0.5, sourceShare: 1 };

function namerWith(more: Partial<DnsNamerOptions> = {}): DnsNamer {
  const options = { guard: LONG_HOLD, clock: new CountingClock(), log: new RecordingLog() };
  return dnsNamer(dns.port, options, more);
}

const untilKeys = (followed: FollowedName, ...keys: readonly string[]): Promise<boolean> =>
  eventually(`bound to ${keys.join()}`, () => followed.keys?.join() === keys.join());

test("only the records of the lowest priority are called, by their weights, and all are shown", async () => {
  dns.services.set("users.test", [
    { target: "A.test", port: 1, priority: 1, weight: 30 },
    { target: "c.test", port: 2, priority: 1, weight: 10 },
    { target: "b.test", port: 3, priority: 2 },
  ]);
  await using namer = namerWith();
  using followed = new FollowedName(namer.lookup(Path.of("users.test")));
  using instances = new FollowedVar(namer.instances(Path.of("users.test")));
  await untilKeys(followed, "10.0.0.1:1", "10.0.0.3:2", "10.0.0.4:2");
  assert.deepEqual(
    followed.addresses?.value?.addresses.map((each) => each.weight),
    [30, 5, 5],
  );
  assert.deepEqual(
    instances.value?.map(({ host, meta }) => [host, meta?.["target"], meta?.["priority"]]),
    [
      ["10.0.0.1", "a.test", "1"],
      ["10.0.0.2", "b.test", "2"],
      ["10.0.0.3", "c.test", "1"],
      ["10.0.0.4", "c.test", "1"],
    ],
  );
});

test("where nobody of the lowest priority exists, the next is called", async () => {
  dns.services.set("users.test", [
    { target: "nowhere.test", port: 1, priority: 1 },
    { target: "b.test", port: 2, priority: 2 },
  ]);
  await using namer = namerWith();
  using followed = new FollowedName(namer.lookup(Path.of("users.test")));
  await untilKeys(followed, "10.0.0.2:2");
});

test("a record without a port, and one whose host is nowhere, is refused alone", async () => {
  dns.services.set("users.test", [
    { target: "a.test", port: 1 },
    { target: "b.test", port: 0 },
    { target: "nowhere.test", port: 1 },
  ]);
  const log = new RecordingLog();
  await using namer = dnsNamer(dns.port, { guard: LONG_HOLD, clock: new CountingClock(), log }, {});
  using followed = new FollowedName(namer.lookup(Path.of("users.test")));
  await untilKeys(followed, "10.0.0.1:1");
  const told = log.told("instance.refused").map(({ fields }) => [fields["name"], fields["entry"]]);
  assert.deepEqual(told, [
    ["/users.test", "b.test:0"],
    ["/users.test", "nowhere.test"],
  ]);
});

test("a target that is the root is a sign: the service is not there, at once", async () => {
  dns.services.set("users.test", [{ target: "a.test", port: 1 }]);
  await using namer = namerWith();
  using followed = new FollowedName(namer.lookup(Path.of("users.test")));
  await untilKeys(followed, "10.0.0.1:1");
  dns.services.set("users.test", [{ target: ".", port: 0 }]);
  await eventually("neg", () => followed.isNeg);
  assert.equal(followed.isHeld, false);
});

test("a negative answer after a good one is held, and one before any is neg", async () => {
  dns.services.set("users.test", [{ target: "a.test", port: 1 }]);
  await using namer = namerWith();
  using followed = new FollowedName(namer.lookup(Path.of("users.test")));
  using nobody = new FollowedName(namer.lookup(Path.of("nobody.test")));
  await untilKeys(followed, "10.0.0.1:1");
  await eventually("neg", () => nobody.isNeg);
  dns.services.delete("users.test");
  await eventually("held", () => followed.isHeld);
  assert.deepEqual(followed.keys, ["10.0.0.1:1"]);
});

test("a server's failure keeps what was known, and is not neg where nothing was", async () => {
  dns.services.set("users.test", [{ target: "a.test", port: 1 }]);
  await using namer = namerWith();
  using followed = new FollowedName(namer.lookup(Path.of("users.test")));
  await untilKeys(followed, "10.0.0.1:1");
  dns.mood = "servfail";
  await eventually("stale", () => followed.isStale);
  using other = new FollowedName(namer.lookup(Path.of("other.test")));
  await eventually("failed", () => other.tree.state.tag === "failed");
  assert.deepEqual(followed.keys, ["10.0.0.1:1"]);
});

test("a host whose server fails keeps the addresses that it had", async () => {
  dns.services.set("users.test", [{ target: "a.test", port: 1 }]);
  dns.withAdditionals = true;
  let fails = false;
  const resolve: Resolver = {
    async addresses(host) {
      if (host === "127.0.0.1") return { addresses: [host], ttlMs: 1_000 };
      if (fails) throw Object.assign(new Error("no answer"), { code: "ESERVFAIL" });
      return { addresses: ["10.9.9.9"], ttlMs: 1_000 };
    },
  };
  dns.withAdditionals = false;
  await using namer = new DnsNamer(
    { servers: [], refreshMs: 40, takesHosts: true, readResolverConf: async () => "" },
    testContext({ resolve, guard: LONG_HOLD }),
  );
  using host = new FollowedName(namer.lookup(Path.of("db.test:5432")));
  await untilKeys(host, "10.9.9.9:5432");
  fails = true;
  await eventually("stale", () => host.isStale);
  assert.deepEqual(host.keys, ["10.9.9.9:5432"]);
});

test("an alias leads to the records of another name", async () => {
  dns.aliases.set("alias.test", "users.test");
  dns.services.set("users.test", [{ target: "a.test", port: 1 }]);
  await using namer = namerWith();
  using followed = new FollowedName(namer.lookup(Path.of("alias.test")));
  await untilKeys(followed, "10.0.0.1:1");
});

test("a name is looked for in the search domains, and one with a dot at its end is whole", async () => {
  dns.services.set("users.svc.test", [{ target: "a.test", port: 1 }]);
  await using namer = namerWith();
  using found = new FollowedName(namer.lookup(Path.of("users")));
  using whole = new FollowedName(namer.lookup(Path.of("users.")));
  await untilKeys(found, "10.0.0.1:1");
  await eventually("neg", () => whole.isNeg);
});

test("a name is asked for again when its TTL is over, a second at least and refreshIntervalSeconds at most", async () => {
  for (const [ttl, leastMs, mostMs] of [
    [0, 900, 1_000],
    [3, 2_700, 3_000],
    [600, 4_500, 5_000],
  ] as const) {
    dns.services.set("users.test", [{ target: "a.test", port: 1 }]);
    Object.assign(dns, { ttl, withAdditionals: true });
    const clock = new FakeClock();
    const context: Partial<PluginContext> = { clock, guard: LONG_HOLD };
    await using namer = new DnsNamer(
      {
        servers: [{ host: "127.0.0.1", port: dns.port }],
        refreshMs: 5_000,
        takesHosts: false,
        readResolverConf: async () => "",
      },
      testContext(context),
    );
    using followed = new FollowedName(namer.lookup(Path.of("users.test")));
    await untilKeys(followed, "10.0.0.1:1");
    const nextIn = clock.nextIn ?? 0;
    assert.ok(nextIn >= leastMs && nextIn <= mostMs, `TTL ${ttl}: ${nextIn}`);
  }
});

test("a host with a port is a name where that is wanted, and follows its addresses", async () => {
  let addresses = ["10.0.0.5", "fd00::5"];
  const resolve: Resolver = { addresses: async () => ({ addresses, ttlMs: 0 }) };
  await using namer = new DnsNamer(
    { servers: [], refreshMs: 40, takesHosts: true, readResolverConf: async () => "" },
    testContext({ resolve, guard: LONG_HOLD }),
  );
  using followed = new FollowedName(namer.lookup(Path.of("db.example.com:5432")));
  await untilKeys(followed, "10.0.0.5:5432");
  assert.equal(followed.bound?.id.show, "/db.example.com:5432");
  addresses = ["fd00::6"];
  await untilKeys(followed, "[fd00::6]:5432");
  using odd = new FollowedName(namer.lookup(Path.of("a b:1")));
  await eventually("neg", () => odd.isNeg);
});
