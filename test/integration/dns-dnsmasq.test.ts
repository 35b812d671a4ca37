/** io.l5d.dnssrv is held to the contract of namers on dnsmasq, and through what only a real server does. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { DnsClient } from "../../namers/dns-srv/client.ts";
import { Path } from "../../src/naming/path.ts";
import { CountingClock } from "../../src/testing/counting-clock.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { FollowedName } from "../../src/testing/followed-var.ts";
import { namerContract } from "../../src/testing/namer-contract.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { RecordingLog } from "../../src/testing/recording-log.ts";
import { DNS_IS_WITHOUT, dnsmasqFixture, dnsNamer } from "../fakes/dns-fixture.ts";
import { Dnsmasq, missingForDnsmasq } from "../servers/dnsmasq.ts";
import { requireServer } from "../servers/require.ts";

const missing = missingForDnsmasq();
const MANY = 200;
let server: Dnsmasq | undefined;

before(async () => {
  if (missing !== undefined) return;
  server = await Dnsmasq.make();
  await server.write([
    "host-record=a.zone.test,10.0.0.1",
    "host-record=b.zone.test,10.0.0.2,fd00::2",
    "host-record=c.zone.test,fd00::3",
    "srv-host=_http._tcp.small.test,a.zone.test,8080,1,3",
    "srv-host=_http._tcp.small.test,b.zone.test,8081,1,1",
    "srv-host=_http._tcp.small.test,c.zone.test,8082,2,1",
    "srv-host=_http._tcp.gone.test",
    "srv-host=_http._tcp.six.test,c.zone.test,8083",
    "cname=alias.test,_http._tcp.small.test",
    ...Array.from({ length: MANY }, (_, n) => `srv-host=_http._tcp.large.test,a.zone.test,${9000 + n}`),
  ]);
  await server.start();
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

if (missing === undefined) {
  // It answers for its own zone without errors.
  namerContract("io.l5d.dnssrv on dnsmasq", dnsmasqFixture, { without: [...DNS_IS_WITHOUT, "refuse"] });
}

function options() {
  const guard = { holdMs: 60_000, nameShare: 0.5, sourceShare: 0.2 };
  return { guard, clock: new CountingClock(), log: new RecordingLog() };
}

test("an answer that does not fit into a datagram is read over TCP, whole", { timeout: 30_000 }, async (t) => {
  if (!requireServer(t, missing) || !server) return;
  await using namer = dnsNamer(server.port, options());
  using followed = new FollowedName(namer.lookup(Path.of("_http._tcp.large.test")));
  await eventually("all of them", () => followed.keys?.length === MANY);
  assert.equal(followed.keys?.includes(`10.0.0.1:${9000 + MANY - 1}`), true);
});

test(
  "only the lowest priority is called, by its weights, and IPv6 where there is nothing else",
  { timeout: 30_000 },
  async (t) => {
    if (!requireServer(t, missing) || !server) return;
    await using namer = dnsNamer(server.port, options());
    using small = new FollowedName(namer.lookup(Path.of("_http._tcp.small.test.")));
    using six = new FollowedName(namer.lookup(Path.of("_http._tcp.six.test")));
    await eventually("both", () => small.keys?.length === 2 && six.keys?.length === 1);
    assert.deepEqual(
      small.addresses?.value?.addresses.map(({ host, port, weight }) => [host, port, weight]),
      [
        ["10.0.0.1", 8080, 3],
        ["10.0.0.2", 8081, 1],
      ],
    );
    assert.deepEqual(six.keys, ["[fd00::3]:8083"]);
  },
);

test("a target that is the root says that the service is not there", { timeout: 30_000 }, async (t) => {
  if (!requireServer(t, missing) || !server) return;
  await using namer = dnsNamer(server.port, options());
  using followed = new FollowedName(namer.lookup(Path.of("_http._tcp.gone.test")));
  await eventually("neg", () => followed.isNeg);
});

test("an answer says for how long it holds, and one of no such name is no failure", { timeout: 30_000 }, async (t) => {
  if (!requireServer(t, missing) || !server) return;
  const { port } = server;
  const { clock, dial, resolve } = testContext();
  const client = new DnsClient({ servers: async () => [{ host: "127.0.0.1", port }], clock, dial, resolve });
  const { signal } = new AbortController();
  const small = await client.ask({ name: "_http._tcp.small.test", type: "SRV" }, signal);
  assert.deepEqual(
    small.answers.map((record) => record.ttlMs),
    [1000, 1000, 1000],
  );
  const none = await client.ask({ name: "nobody.test", type: "SRV" }, signal);
  assert.deepEqual([none.rcode, none.answers], [3, []]);
  await assert.rejects(client.ask({ name: "elsewhere.example", type: "SRV" }, signal), /answers REFUSED/);
});
