import assert from "node:assert/strict";
import { test } from "node:test";
import { ConsulAgent } from "../../../../namers/consul/agent.ts";
import { ChangeWatch } from "../../../../namers/consul/change-watch.ts";
import { AgentConnections } from "../../../../namers/consul/connections.ts";
import { TokenSource } from "../../../../namers/consul/token-source.ts";
import { SystemHttp } from "../../../../src/outbound/system-http.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually, quietFor } from "../../../../src/testing/eventually.ts";
import { socketDialer } from "../../../../src/testing/plugin-context.ts";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";
import { FakeConsul } from "../../../fakes/consul.ts";

async function watchAt(stack: AsyncDisposableStack) {
  const fake = stack.use(await FakeConsul.start());
  const clock = new CountingClock();
  const origin = { host: "127.0.0.1", port: fake.port };
  const connections = stack.use(new AgentConnections(new SystemHttp(clock, socketDialer), origin));
  const agent = new ConsulAgent(connections, new TokenSource(undefined, undefined, clock), clock);
  const told: string[] = [];
  let isWanted = true;
  const watch = stack.use(
    new ChangeWatch({
      agent,
      path: "/v1/catalog/nodes?dc=dc1",
      waitMs: 5_000,
      clock,
      random: seededRandom(1),
      changed: () => told.push("changed"),
      failed: () => told.push("failed"),
      wentBack: () => told.push("went back"),
      isWanted: () => isWanted,
    }),
  );
  const change = (n: number): void => fake.catalogue.write([{ Node: `n${n}`, Address: "10.0.0.1" }]);
  return { fake, watch, told, change, connections, clock, unwanted: () => void (isWanted = false) };
}

test("the first answer and each change are told, and it ends when it is not wanted", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, watch, told, change, clock, unwanted } = await watchAt(stack);
  watch.start();
  watch.start();
  await eventually("the next change is waited for", () => fake.waiting === 1);
  assert.deepEqual(told, ["changed"]);
  change(1);
  await eventually("it is told", () => told.length === 2);
  unwanted();
  change(2);
  await eventually("it has ended", () => !watch.isRunning);
  await eventually("no timer is left", () => clock.waiting === 0);
});

test("an index that goes backwards is told before the change that it is", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, watch, told, change } = await watchAt(stack);
  change(1);
  watch.start();
  await eventually("the next change is waited for", () => fake.waiting === 1);
  fake.catalogue.resetIndexes(3);
  fake.answersAtOnce = true;
  fake.cut();
  await eventually("it is told", () => told.includes("went back"));
  assert.deepEqual(told.slice(0, 3), ["changed", "went back", "changed"]);
});

test("a failure ends it once, and it may be started again later", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, watch, told } = await watchAt(stack);
  fake.spoil = () => ({ status: 500 });
  watch.start();
  await eventually("it has failed", () => told.length > 0);
  assert.deepEqual([told, watch.isRunning], [["failed"], false]);
  fake.spoil = undefined;
  watch.startLater();
  await eventually("it goes on", () => told.includes("changed"));
});

test("one without a connection to wait on asks now and then instead", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, watch, told, connections } = await watchAt(stack);
  while (connections.takeProbe());
  watch.start();
  await eventually("it was answered", () => told.length === 1);
  await quietFor(50);
  assert.equal(fake.waiting, 0);
  assert.equal(fake.asked.length, 1);
  watch.stop();
  watch.startLater();
  watch.stop();
  await quietFor(400);
  assert.equal(fake.asked.length, 1);
});
