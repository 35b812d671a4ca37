import assert from "node:assert/strict";
import { test } from "node:test";
import { AgentError, ConsulAgent } from "../../../../namers/consul/agent.ts";
import { AgentConnections } from "../../../../namers/consul/connections.ts";
import { TokenSource } from "../../../../namers/consul/token-source.ts";
import { SystemHttp } from "../../../../src/outbound/system-http.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { socketDialer } from "../../../../src/testing/plugin-context.ts";
import { FakeConsul } from "../../../fakes/consul.ts";

const { signal } = new AbortController();
const path = "/v1/catalog/service/users?dc=dc1";

async function agentAt(stack: AsyncDisposableStack) {
  const fake = stack.use(await FakeConsul.start());
  const clock = new CountingClock();
  const http = new SystemHttp(clock, socketDialer);
  const connections = stack.use(new AgentConnections(http, { host: "127.0.0.1", port: fake.port }));
  return {
    fake,
    connections,
    agent: new ConsulAgent(connections, new TokenSource(undefined, undefined, clock), clock),
  };
}

test("a question waits beyond the index of an answer, until a connection was closed: then it asks anew", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, connections, agent } = await agentAt(stack);
  const { index } = await agent.ask({ path, lane: "read", signal });
  assert.ok(index);
  await agent.ask({ path, lane: "watch", signal, index, waitMs: 10 });
  assert.equal(fake.asked.at(-1), `${path}&index=${index.value}&wait=10ms`);
  fake.cut();
  await eventually("they are closed", () => connections.closed === 2);
  await agent.ask({ path, lane: "watch", signal, index, waitMs: 10 });
  assert.equal(fake.asked.at(-1), path);
});

test("connections for reads that were left count as closed at once, and once", async () => {
  await using stack = new AsyncDisposableStack();
  const { connections, agent } = await agentAt(stack);
  await agent.ask({ path, lane: "read", signal });
  connections.renewReads();
  assert.equal(connections.closed, 1);
  await agent.ask({ path, lane: "read", signal });
  assert.equal(connections.closed, 1);
});

test("what is read is asked a second time where its connection was cut, and what waits is not", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, agent } = await agentAt(stack);
  const { index } = await agent.ask({ path, lane: "read", signal });
  assert.ok(index);
  let cuts = 0;
  fake.spoil = () => (cuts++ === 0 ? { status: 200, cutAfter: 1 } : undefined);
  assert.equal((await agent.ask({ path, lane: "read", signal })).text, "[]");
  cuts = 0;
  fake.spoil = () => ({ status: 200, cutAfter: cuts++ });
  await assert.rejects(agent.ask({ path, lane: "watch", signal, index, waitMs: 10 }), { code: "ECONNRESET" });
  assert.equal(cuts, 1);
});

test("an answer other than 200 is an error with its status and index, in one line", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, agent } = await agentAt(stack);
  fake.spoil = () => ({ status: 500, body: `no\ncluster   leader ${"x".repeat(200)}`, index: "7" });
  const error: unknown = await agent.ask({ path, lane: "read", signal }).catch((cause: unknown) => cause);
  assert.ok(error instanceof AgentError);
  assert.deepEqual([error.status, error.index?.value], [500, 7]);
  assert.match(error.message, /^Consul at 127\.0\.0\.1:\d+ answered 500 \(no cluster leader x+\.\.\.\)$/);
});
