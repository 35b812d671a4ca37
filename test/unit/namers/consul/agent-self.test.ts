import assert from "node:assert/strict";
import { test } from "node:test";
import { readSelf } from "../../../../namers/consul/agent-self.ts";

const self = (value: object) => readSelf(JSON.stringify(value));

test("an agent says its datacenter and its domain, the latter in either of two places", () => {
  assert.deepEqual(self({ Config: { Datacenter: "dc2", Domain: "corp." } }), {
    datacenter: "dc2",
    domain: "corp",
    node: undefined,
  });
  const debug = { Config: { Datacenter: "dc2" }, DebugConfig: { DNSDomain: ".corp.example." } };
  assert.deepEqual(self(debug), { datacenter: "dc2", domain: "corp.example", node: undefined });
});

test("what it does not say is the domain consul, and no datacenter", () => {
  for (const value of [{}, { Config: null }, { Config: { Datacenter: 5, Domain: "." } }]) {
    assert.deepEqual(self(value), { datacenter: undefined, domain: "consul", node: undefined });
  }
  assert.throws(() => readSelf("<html>"));
});
