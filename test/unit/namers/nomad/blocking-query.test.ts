import assert from "node:assert/strict";
import { test } from "node:test";
import { NomadAgent } from "../../../../namers/nomad/agent.ts";
import { blockingQuery } from "../../../../namers/nomad/blocking-query.ts";
import { CountingClock } from "../../../../src/testing/counting-clock.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeNomad } from "../../../fakes/nomad.ts";

const path = "/v1/service/users";

async function queryAt(stack: AsyncDisposableStack) {
  const fake = stack.use(await FakeNomad.start());
  const clock = new CountingClock();
  const { http } = testContext({ clock });
  const origin = { host: "127.0.0.1", port: fake.port };
  const none = { region: undefined, token: undefined, tokenFile: undefined };
  const agent = stack.use(new NomadAgent({ http, origin, namespace: "default", ...none }));
  const end = new AbortController();
  const heard: unknown[] = [];
  const { signal } = end;
  const query = blockingQuery({ agent, path, clock, signal, heard: ({ value }) => heard.push(value) });
  query.catch(() => undefined);
  return { fake, end, heard, query, clock };
}

const indexes = (fake: FakeNomad): readonly (string | undefined)[] =>
  fake.asked.map(({ target }) => /index=(\d+)/.exec(target)?.[1]);

test("it begins without an index, waits beyond each answer's, and ends with its signal", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, end, heard, query, clock } = await queryAt(stack);
  await eventually("a change is waited for", () => indexes(fake).at(-1));
  fake.set("users", []);
  await eventually("the change is waited beyond", () => indexes(fake).length === 3);
  const [first, second, third] = indexes(fake);
  assert.equal(first, undefined);
  assert.ok(Number(third) > Number(second));
  assert.equal(heard.length, 2);
  end.abort(new Error("over"));
  await assert.rejects(query, /over/);
  await eventually("no timer is left", () => clock.waiting === 0);
});

test("an index that goes backwards is not waited beyond", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, end } = await queryAt(stack);
  await eventually("a change is waited for", () => indexes(fake).at(-1));
  fake.restoreWithLowerIndex();
  await eventually("it asks anew", () => indexes(fake).length > 2 && indexes(fake)[2] === undefined);
  end.abort();
});

test("an answer without an index ends it", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, query } = await queryAt(stack);
  fake.indexField = () => undefined;
  await assert.rejects(query, /has no X-Nomad-Index/);
});
