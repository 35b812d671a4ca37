import assert from "node:assert/strict";
import { test } from "node:test";
import { AccessCheck } from "../../../../namers/consul/access-check.ts";
import { ConsulAgent } from "../../../../namers/consul/agent.ts";
import type { AgentSelf } from "../../../../namers/consul/agent-self.ts";
import type { Catalogue } from "../../../../namers/consul/catalogue.ts";
import { AgentConnections } from "../../../../namers/consul/connections.ts";
import type { Followed } from "../../../../namers/consul/followed.ts";
import type { Schedule } from "../../../../namers/consul/schedule.ts";
import { ServiceReader } from "../../../../namers/consul/service-reader.ts";
import { ConsulServiceSource, LOCAL, type ServiceWorld } from "../../../../namers/consul/service-source.ts";
import { TokenSource } from "../../../../namers/consul/token-source.ts";
import { Secret } from "../../../../src/base/secret.ts";
import { failed, ok } from "../../../../src/base/var.ts";
import { SystemHttp } from "../../../../src/outbound/system-http.ts";
import { type ServiceReading, type State, Var } from "../../../../src/plugin.ts";
import { FakeClock } from "../../../../src/testing/fake-clock.ts";
import { socketDialer, systemResolver } from "../../../../src/testing/plugin-context.ts";
import { FakeConsul } from "../../../fakes/consul.ts";
import { consulOptions } from "../../../fakes/consul-fixture.ts";
import { ConsulRegistry } from "../../../fakes/consul-registry.ts";

const { signal } = new AbortController();

/** An agent, a source of its service `users`, and a schedule that only notes what it is to keep current. */
async function sourceAt(
  stack: AsyncDisposableStack,
  { dc = "dc1", more = {} as Partial<ServiceWorld> }: { dc?: string; more?: Partial<ServiceWorld> } = {},
) {
  const fake = stack.use(await FakeConsul.start());
  const clock = new FakeClock();
  const connections = stack.use(
    new AgentConnections(new SystemHttp(clock, socketDialer), { host: "127.0.0.1", port: fake.port }),
  );
  const agent = new ConsulAgent(connections, new TokenSource(new Secret("mine"), undefined, clock), clock);
  const kept: Followed[] = [];
  const dcs: string[] = [];
  const domains: (string | undefined)[] = [];
  const follow = (followed: Followed): Disposable => {
    kept.push(followed);
    return { [Symbol.dispose]: () => void kept.splice(kept.indexOf(followed), 1) };
  };
  const told: (string | undefined)[] = [];
  const heard: ServiceReading[] = [];
  const failures: string[] = [];
  const world: ServiceWorld = {
    agent,
    schedule: { follow } as Schedule,
    access: new AccessCheck(agent, clock),
    self: Var.of<AgentSelf>({ datacenter: "dc1", domain: "consul", node: "here" }),
    clock,
    resolve: systemResolver,
    needsDomain: false,
    useHealthCheck: true,
    query: (of) => `dc=${of}`,
    catalogue: () => ({}) as Catalogue,
    reader: (_, of, domain) => {
      dcs.push(of);
      domains.push(domain);
      return new ServiceReader({ authority: undefined, options: consulOptions(fake.port) });
    },
    repaired: () => undefined,
    following: (followed) => void told.push(followed && "followed"),
    ...more,
  };
  const source = new ConsulServiceSource({ dc, service: "users", tag: undefined }, world);
  const listener = {
    heard: (reading: ServiceReading) => void heard.push(reading),
    failed: (cause: Error) => void failures.push(cause.message),
  };
  const only = (): Followed => {
    assert.equal(kept.length, 1);
    return kept[0] as Followed;
  };
  const put = (...ports: number[]): Promise<void> =>
    new ConsulRegistry(fake.port, "mine").put(
      "users",
      ports.map((port) => ({ id: `i-${port}`, host: "127.0.0.1", port })),
    );
  return { fake, source, listener, only, put, kept, told, heard, failures, dcs, domains };
}

const portsOf = (reading: ServiceReading | undefined): readonly number[] =>
  [...(reading?.members?.values() ?? [])].map(({ address }) => address.port);

test("it is kept current while it is followed, and can be told by whoever asks again", async () => {
  await using stack = new AsyncDisposableStack();
  const { source, listener, kept, told } = await sourceAt(stack);
  const following = source.follow(listener);
  assert.deepEqual([kept.length, told], [1, ["followed"]]);
  following[Symbol.dispose]();
  assert.deepEqual([kept.length, told], [0, ["followed", undefined]]);
  await assert.rejects(source.confirm(signal), /is not followed any more/);
});

test("an answer is heard when it is taken, and says whether it is news without being taken", async () => {
  await using stack = new AsyncDisposableStack();
  const { source, listener, only, put, heard } = await sourceAt(stack);
  await put(8001, 8002);
  stack.use(source.follow(listener));
  const followed = only();
  const answer = await followed.ask({ lane: "read", signal });
  assert.deepEqual([followed.isNews(answer), heard.length], [true, 0]);
  assert.equal(followed.take(answer), true);
  assert.deepEqual([followed.isNews(answer), followed.take(answer)], [false, false]);
  assert.deepEqual(portsOf(heard.at(-1)), [8001, 8002]);
  assert.equal(heard.at(-1)?.revision, String(answer.index?.value));
});

test("an answer that cannot be read is thrown back, and what was heard before stays", async () => {
  await using stack = new AsyncDisposableStack();
  const { source, listener, only, put, heard } = await sourceAt(stack);
  await put(8001);
  stack.use(source.follow(listener));
  const followed = only();
  followed.take(await followed.ask({ lane: "read", signal }));
  assert.throws(() => followed.take({ text: "[{", index: undefined, isFiltered: false }));
  assert.deepEqual([heard.length, portsOf(heard.at(-1))], [1, [8001]]);
});

test("an empty answer is believed only where the token may read the service, and is asked about once", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, source, listener, only } = await sourceAt(stack);
  fake.allowed = new Set(["another"]);
  stack.use(source.follow(listener));
  const followed = only();
  await assert.rejects(followed.ask({ lane: "read", signal }), /the token may not read the service users/);
  fake.allowed = new Set(["mine"]);
  followed.take(await followed.ask({ lane: "read", signal }));
  const asked = fake.asked.length;
  await followed.ask({ lane: "read", signal });
  assert.equal(fake.asked.length, asked + 1);
});

test("a second look is on a connection of its own, and consistent whatever the namer asks for else", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, source, listener, only, put } = await sourceAt(stack, {
    more: { query: (dc) => `stale=true&dc=${dc}` },
  });
  await put(8001);
  stack.use(source.follow(listener));
  const followed = only();
  followed.take(await followed.ask({ lane: "read", signal }));
  assert.match(fake.asked.at(-1) ?? "", /\?stale=true&dc=dc1$/);
  const before = fake.connections;
  fake.mostSeen = 0;
  assert.deepEqual(portsOf(await source.confirm(signal)), [8001]);
  assert.match(fake.asked.at(-1) ?? "", /\/v1\/health\/service\/users\?consistent=true&dc=dc1$/);
  assert.equal(fake.mostSeen, before + 1);
});

test("without health checks it asks the catalogue", async () => {
  await using stack = new AsyncDisposableStack();
  const { fake, source, listener, only, put } = await sourceAt(stack, { more: { useHealthCheck: false } });
  await put(8001);
  stack.use(source.follow(listener));
  await only().ask({ lane: "read", signal });
  assert.match(fake.asked.at(-1) ?? "", /^\/v1\/catalog\/service\/users\?dc=dc1$/);
});

test("the local datacenter is whichever the agent is in, and another one as soon as the agent says so", async () => {
  await using stack = new AsyncDisposableStack();
  let say: ((state: State<AgentSelf>) => void) | undefined;
  const self = Var.source<AgentSelf>((set) => {
    say = set;
    return { [Symbol.dispose]: () => (say = undefined) };
  });
  const { source, listener, kept, dcs, domains, failures } = await sourceAt(stack, { dc: LOCAL, more: { self } });
  const following = source.follow(listener);
  say?.(failed(new Error("nobody answers")));
  assert.deepEqual([kept.length, failures], [0, ["nobody answers"]]);
  say?.(ok({ datacenter: "east", domain: "consul", node: undefined }));
  say?.(ok({ datacenter: "west", domain: "example", node: undefined }));
  assert.deepEqual([kept.length, dcs, domains], [1, ["east", "west"], ["consul", "example"]]);
  following[Symbol.dispose]();
  assert.deepEqual([kept.length, say], [0, undefined]);
});

test("nothing is heard any more once it is let go, neither answers nor failures", async () => {
  await using stack = new AsyncDisposableStack();
  const { source, listener, only, put, heard, failures } = await sourceAt(stack);
  await put(8001);
  const following = source.follow(listener);
  const followed = only();
  const answer = await followed.ask({ lane: "read", signal });
  following[Symbol.dispose]();
  assert.equal(followed.take(answer), false);
  followed.failed(new Error("too late"));
  assert.deepEqual([heard, failures], [[], []]);
});
