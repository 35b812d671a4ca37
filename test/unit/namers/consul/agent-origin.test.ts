import assert from "node:assert/strict";
import { test } from "node:test";
import { agentOrigin } from "../../../../namers/consul/agent-origin.ts";

test("a port that goes without saying is not said to the agent", () => {
  const authority = (host: string, port: number) => agentOrigin({ host, port, tls: undefined }, "/").authority;
  assert.equal(authority("consul.test", 80), "consul.test");
  assert.equal(authority("fd00::1", 80), "[fd00::1]");
  assert.equal(authority("consul.test", 443), undefined);
  assert.equal(authority("consul.test", 8500), undefined);
});
