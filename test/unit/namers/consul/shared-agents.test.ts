import assert from "node:assert/strict";
import { test } from "node:test";
import { shareAgent } from "../../../../namers/consul/shared-agents.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";

const origin = { host: "127.0.0.1", port: 8500 };

test("namers of one daemon share an agent until the last has left it, and those of another daemon do not", () => {
  const [one, other] = [testContext(), testContext()];
  const first = shareAgent(one.http, "a", origin, one);
  const second = shareAgent(one.http, "a", origin, one);
  assert.equal(second.connections, first.connections);
  assert.equal(second.schedule, first.schedule);
  using apart = shareAgent(one.http, "b", origin, one);
  using elsewhere = shareAgent(other.http, "a", origin, other);
  assert.notEqual(apart.connections, first.connections);
  assert.notEqual(elsewhere.connections, first.connections);
  // Who leaves twice has left once.
  first[Symbol.dispose]();
  first[Symbol.dispose]();
  const third = shareAgent(one.http, "a", origin, one);
  assert.equal(third.connections, second.connections);
  second[Symbol.dispose]();
  third[Symbol.dispose]();
  using anew = shareAgent(one.http, "a", origin, one);
  assert.notEqual(anew.connections, second.connections);
});
