import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessCheck } from "../../../../namers/consul/access-check.ts";
import { ConsulAgent } from "../../../../namers/consul/agent.ts";
import { AgentConnections } from "../../../../namers/consul/connections.ts";
import { TokenSource } from "../../../../namers/consul/token-source.ts";
import { Secret } from "../../../../src/base/secret.ts";
import { SystemHttp } from "../../../../src/outbound/system-http.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { socketDialer } from "../../../../src/testing/plugin-context.ts";
import { FakeConsul } from "../../../fakes/consul.ts";

const { signal } = new AbortController();

async function checkAt(stack: AsyncDisposableStack, token: string) {
  const fake = stack.use(await FakeConsul.start());
  const clock = new FakeClock();
  const http = new SystemHttp(clock, socketDialer);
  const connections = stack.use(new AgentConnections(http, { host: "127.0.0.1", port: fake.port }));
  const agent = new ConsulAgent(connections, new TokenSource(new Secret(token), undefined, clock), clock);
  return { fake, clock, check: new AccessCheck(agent, clock) };
}

test("a token that the agent refuses may not read, one that it takes may, each asked anew", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, check } = await checkAt(stack, "mine");
  fake.allowed = new Set(["another"]);
  await assert.rejects(check.mayRead("users", "dc1", signal), /the token may not read the service users of Consul at/);
  fake.allowed = new Set(["mine"]);
  await check.mayRead("users", "dc1", signal);
  assert.equal(fake.asked.length, 2);
});

test("an agent without ACLs cannot tell, and is not asked again for five minutes", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, clock, check } = await checkAt(stack, "mine");
  for (let times = 0; times < 3; times++) await check.mayRead("users", "dc1", signal);
  assert.equal(fake.asked.length, 1);
  clock.advance(300_000);
  await check.mayRead("users", "dc1", signal);
  assert.equal(fake.asked.length, 2);
});

test("an agent that fails, or forbids the question, has not said that the token may", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, check } = await checkAt(stack, "mine");
  for (const status of [500, 403]) {
    fake.spoil = () => ({ status });
    await assert.rejects(check.mayRead("users", "dc1", signal), new RegExp(`answered ${status}`));
  }
});
