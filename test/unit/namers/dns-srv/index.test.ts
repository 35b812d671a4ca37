import assert from "node:assert/strict";
import { test } from "node:test";
import plugins, { dns, dnsSrv } from "../../../../namers/dns-srv/index.ts";
import { SchemaError } from "../../../../src/config/plugin.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";

test("io.l5d.dnssrv has the defaults of Linkerd 1, and lets an alt go on as it did", () => {
  assert.deepEqual(dnsSrv.schema.parse({}), { refreshIntervalSeconds: 5, dnsHosts: [] });
  assert.equal(dnsSrv.whenUnreachable, "next");
  assert.equal(dns.whenUnreachable, undefined);
});

test("name servers are addresses or hosts, with or without a port", () => {
  const { dnsHosts } = dnsSrv.schema.parse({ dnsHosts: ["10.0.0.2", "ns.example.com:5353"] });
  assert.deepEqual(dnsHosts, [
    { host: "10.0.0.2", port: 53 },
    { host: "ns.example.com", port: 5353 },
  ]);
  assert.throws(() => dnsSrv.schema.parse({ dnsHosts: ["a b"] }), SchemaError);
  assert.throws(() => dnsSrv.schema.parse({ refreshIntervalSeconds: 0 }), SchemaError);
});

test("both are made without asking anything", async () => {
  for (const plugin of plugins) {
    const namer = await plugin.create(plugin.schema.parse({}), testContext());
    assert.deepEqual(namer.watches?.(), []);
    await namer[Symbol.asyncDispose]();
  }
});
