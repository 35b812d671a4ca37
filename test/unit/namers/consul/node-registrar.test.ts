import assert from "node:assert/strict";
import { test } from "node:test";
import { ConsulAnnouncer } from "../../../../namers/consul/announcer.ts";
import { type Instance, Path } from "../../../../src/plugin.ts";
import { eventually } from "../../../../src/testing/eventually.ts";
import { testContext } from "../../../../src/testing/plugin-context.ts";
import { FakeConsul } from "../../../fakes/consul.ts";
import { announcerOptions, SHORT_LIMITS } from "../../../fakes/consul-announcer-fixture.ts";

const { signal } = new AbortController();
const instance = (n: number): Instance => ({ id: `u${n}`, host: `10.0.0.${n}`, port: 80, weight: 1, ready: true });
const puts = (...ns: readonly number[]) => ns.map((n) => ({ op: "put" as const, instance: instance(n) }));

async function opened(stack: AsyncDisposableStack) {
  const fake = stack.use(await FakeConsul.start());
  const options = announcerOptions(fake.port, { node: "linkspan" });
  const member = () => stack.use(new ConsulAnnouncer(options, testContext(), SHORT_LIMITS));
  const hosts = () =>
    (fake.catalogue.instances("users", []) as readonly { readonly ServiceAddress: string }[])
      .map((each) => each.ServiceAddress)
      .sort()
      .join();
  return { fake, member, hosts };
}

test("the node says that no agent has it", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, member } = await opened(stack);
  await member().announce(Path.of("users"), { group: "m", member: "anna" }).write(puts(1), signal);
  const { Node: node } = fake.catalogue.node("linkspan") as { Node: { Meta: Record<string, string> } };
  assert.equal(node.Meta["external-node"], "true");
});

test("a living member takes away what a dead one of its group left, and nothing of another group", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, member, hosts } = await opened(stack);
  const dead = member().announce(Path.of("users"), { group: "m", member: "dead" });
  await dead.write(puts(1), signal);
  await dead.abandon();
  const other = member().announce(Path.of("users"), { group: "other", member: "dead" });
  await other.write(puts(2), signal);
  await other.abandon();
  const living = member().announce(Path.of("users"), { group: "m", member: "living" });
  await living.write(puts(3), signal);
  assert.equal(hosts(), "10.0.0.1,10.0.0.2,10.0.0.3");
  fake.sessions.end("m dead");
  await eventually("the dead one's is gone", () => hosts() === "10.0.0.2,10.0.0.3");
});

test("an entry that somebody took away is made again", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, member, hosts } = await opened(stack);
  const users = member().announce(Path.of("users"), { group: "m", member: "anna" });
  await users.write(puts(1, 2), signal);
  fake.catalogue.write([], [{ Node: "linkspan", ServiceID: "linkspan:m:anna:u1" }]);
  await eventually("again", () => hosts() === "10.0.0.1,10.0.0.2");
});

test("of a transaction that is refused, each entry is tried alone", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, member, hosts } = await opened(stack);
  const users = member().announce(Path.of("users"), { group: "m", member: "anna" });
  let refusals = 0;
  fake.spoil = (path) => (path === "/v1/txn" && refusals++ < 2 ? { status: 409, body: "rolled back" } : undefined);
  const outcomes = await users.write(puts(1, 2, 3), signal);
  assert.deepEqual(
    outcomes.map(({ tag }) => tag),
    ["refused", "done", "done"],
  );
  assert.equal(hosts(), "10.0.0.2,10.0.0.3");
});
