import assert from "node:assert/strict";
import { test } from "node:test";
import { DnsClient } from "../../../../namers/dns-srv/client.ts";
import { ServerResolver } from "../../../../namers/dns-srv/server-resolver.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeDnsServer } from "../../../fakes/dns-server.ts";

const { signal } = new AbortController();

function resolverAt(dns: FakeDnsServer): ServerResolver {
  const { clock, dial, resolve } = testContext();
  return new ServerResolver(
    new DnsClient({ servers: async () => [{ host: "127.0.0.1", port: dns.port }], clock, dial, resolve }),
  );
}

test("IPv6 is asked for only where there is no IPv4", async () => {
  await using dns = await FakeDnsServer.start();
  dns.hosts.set("both.test", ["10.0.0.1", "fd00::1"]);
  dns.hosts.set("six.test", ["fd00::6"]);
  const resolver = resolverAt(dns);
  assert.deepEqual(await resolver.addresses("both.test.", signal), { addresses: ["10.0.0.1"], ttlMs: 30_000 });
  assert.deepEqual(await resolver.addresses("six.test", signal), { addresses: ["fd00::6"], ttlMs: 30_000 });
  assert.deepEqual(dns.asked, ["both.test A udp", "six.test A udp", "six.test AAAA udp"]);
});

test("a host behind an alias has the addresses of what it is an alias for", async () => {
  await using dns = await FakeDnsServer.start();
  dns.hosts.set("true.test", ["10.0.0.1"]);
  dns.aliases.set("alias.test", "true.test");
  assert.deepEqual((await resolverAt(dns).addresses("alias.test", signal)).addresses, ["10.0.0.1"]);
});

test("a host that nobody knows is told from a server that fails by its code", async () => {
  await using dns = await FakeDnsServer.start();
  await assert.rejects(resolverAt(dns).addresses("gone.test", signal), { code: "ENOTFOUND" });
  dns.mood = "servfail";
  const failed = await resolverAt(dns)
    .addresses("gone.test", signal)
    .catch((error: NodeJS.ErrnoException) => error);
  assert.ok(failed instanceof Error);
  assert.equal("code" in failed, false);
});
