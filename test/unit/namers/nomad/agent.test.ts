import assert from "node:assert/strict";
import { test } from "node:test";
import { NomadAgent, type NomadAgentOptions } from "../../../../namers/nomad/agent.ts";
import { Secret } from "../../../../src/base/secret.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeNomad } from "../../../fakes/nomad.ts";

const { signal } = new AbortController();
const path = "/v1/service/users";

async function agentAt(stack: AsyncDisposableStack, more: Partial<NomadAgentOptions> = {}) {
  const fake = stack.use(await FakeNomad.start());
  const { http } = testContext();
  const none = { region: undefined, token: undefined, tokenFile: undefined };
  const origin = { host: "127.0.0.1", port: fake.port };
  const agent = stack.use(new NomadAgent({ http, origin, namespace: "default", ...none, ...more }));
  return { fake, agent };
}

test("a question says namespace and region, waits beyond an index, and shows its token", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, agent } = await agentAt(stack, { namespace: "a b", region: "eu", token: new Secret("t") });
  const { index } = await agent.ask({ path, signal });
  assert.ok(index);
  await agent.ask({ path, signal, index, waitMs: 10 });
  assert.deepEqual(fake.asked, [
    { target: `${path}?namespace=a+b&region=eu`, token: "t" },
    { target: `${path}?namespace=a+b&region=eu&index=${index.value}&wait=10ms`, token: "t" },
  ]);
});

test("waiting questions keep their connection, and one behind another connection asks anew", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, agent } = await agentAt(stack);
  const first = await agent.ask({ path, signal });
  assert.ok(first.index);
  const second = await agent.ask({ path, signal, index: first.index, waitMs: 10 });
  assert.deepEqual(second.index, first.index);
  const before = { ...first.index, era: first.index.era - 1 };
  await agent.ask({ path, signal, index: before, waitMs: 10 });
  assert.equal(fake.asked.at(-1)?.target, `${path}?namespace=default`);
});

test("an answer that is none says why: a status, what is no JSON, a token that cannot be read", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, agent } = await agentAt(stack);
  fake.refusal = { status: 500, body: "no cluster\nleader" };
  await assert.rejects(agent.ask({ path, signal }), { message: "Nomad answered 500 (no cluster leader)" });
  fake.refusal = { status: 500, body: "" };
  await assert.rejects(agent.askAnew({ path, signal }), { message: "Nomad answered 500 (no reason given)" });
  fake.refusal = { status: 200, body: "<html>" };
  await assert.rejects(agent.ask({ path, signal }), { message: "Nomad's answer is not JSON" });
  const { agent: without } = await agentAt(stack, { tokenFile: "/nowhere/token" });
  await assert.rejects(without.ask({ path, signal }), {
    message: "the token cannot be read from /nowhere/token: ENOENT",
  });
});

test("a service that some versions say is not found has no registrations", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, agent } = await agentAt(stack);
  fake.refusal = { status: 404, body: "not found" };
  assert.deepEqual(await agent.ask({ path, signal }), { value: [], index: undefined });
});
