import assert from "node:assert/strict";
import { test } from "node:test";
import { readDnsServer, showServer } from "../../../../namers/dns-srv/dns-server.ts";

test("a name server is an address or a host, with or without a port", () => {
  assert.deepEqual(readDnsServer("10.0.0.2"), { host: "10.0.0.2", port: 53 });
  assert.deepEqual(readDnsServer("10.0.0.2:5353"), { host: "10.0.0.2", port: 5353 });
  assert.deepEqual(readDnsServer("::1"), { host: "::1", port: 53 });
  assert.deepEqual(readDnsServer("[::1]:5353"), { host: "::1", port: 5353 });
  assert.deepEqual(readDnsServer("ns.example.com"), { host: "ns.example.com", port: 53 });
  assert.equal(showServer({ host: "::1", port: 53 }), "[::1]:53");
});

test("what is none is refused with a sentence", () => {
  for (const text of ["", "10.0.0.2:0", "10.0.0.2:70000", "a b", "[::1", "10.0.0.2:x"]) {
    assert.throws(() => readDnsServer(text), /no name server/, text);
  }
});
