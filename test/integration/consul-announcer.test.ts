/** The announcer io.l5d.consul is held to the contract of announcers on a real agent, and to what agents do to catalogues. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import type { Announcement, Instance, Owner } from "../../src/plugin.ts";
import { Path } from "../../src/plugin.ts";
import {
  announcerContract,
  type AnnouncerFixture,
  type AnnouncerFixtureOptions,
} from "../../src/testing/announcer-contract.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { ConsulAnnouncer } from "../../namers/consul/announcer.ts";
import { announcerOptions, consulAnnouncerFixture } from "../fakes/consul-announcer-fixture.ts";
import { ConsulRegistry } from "../fakes/consul-registry.ts";
import { type ConsulServer, missingForConsul, startConsul } from "../servers/consul.ts";
import { requireServer } from "../servers/require.ts";

const missing = missingForConsul();
let agent: ConsulServer | undefined;

before(async () => {
  if (missing === undefined) agent = await startConsul();
});
after(async () => {
  await agent?.[Symbol.asyncDispose]();
});

test("Consul's agent is there", (t) => void requireServer(t, missing));

if (missing === undefined) {
  announcerContract(
    "io.l5d.consul with a real agent",
    (given) => onAgent(given, undefined),
    // It has no way to answer with errors when it is told to.
    { without: ["payload", "refuse"] },
  );
  announcerContract("io.l5d.consul on a node of a real catalogue", (given) => onAgent(given, "linkspan"), {
    without: ["payload", "refuse", "leases"],
  });
}

/** The agent is one for all clauses, so each leaves it without what members have left. */
async function onAgent(given: AnnouncerFixtureOptions, node: string | undefined): Promise<AnnouncerFixture> {
  const port = agent?.port ?? 0;
  const expire = () => takenForDead(port, "anna");
  const fixture = await consulAnnouncerFixture(port, given, { node }, { expire });
  return {
    ...fixture,
    async [Symbol.asyncDispose]() {
      await fixture[Symbol.asyncDispose]();
      await takenForDead(port, "");
      if (node !== undefined) await new ConsulRegistry(port).send("catalog/deregister", { Node: node });
    },
  };
}

/** The agent forgets the member's registrations, as it does when they were critical for long, and its sessions end. */
async function takenForDead(port: number, member: string): Promise<void> {
  const url = `http://127.0.0.1:${port}/v1`;
  const put = async (path: string): Promise<void> => {
    const answer = await fetch(`${url}/${path}`, { method: "PUT" });
    assert.ok(answer.ok, path);
  };
  const services = (await (await fetch(`${url}/agent/services`)).json()) as Readonly<Record<string, unknown>>;
  const ids = Object.keys(services).filter((id) => id.includes(member));
  for (const id of ids) await put(`agent/service/deregister/${encodeURIComponent(id)}`);
  const sessions = (await (await fetch(`${url}/session/list`)).json()) as readonly { ID: string; Name: string }[];
  for (const { ID: id } of sessions.filter(({ Name: name }) => name.includes(member)))
    await put(`session/destroy/${id}`);
}

const MINE: Owner = { group: "users-mirror", member: "anna" };
const instance = (n: number): Instance => ({ id: `u${n}`, host: `10.0.0.${n}`, port: 80, weight: 1, ready: true });

async function allIn(port: number, service: string): Promise<string> {
  const answer = await fetch(`http://127.0.0.1:${port}/v1/catalog/service/${service}?consistent=true`);
  const all = (await answer.json()) as readonly { readonly ServiceAddress: string }[];
  return all
    .map((each) => each.ServiceAddress)
    .sort()
    .join();
}

async function putTwo(announcement: Announcement): Promise<void> {
  const changes = [instance(1), instance(2)].map((each) => ({ op: "put" as const, instance: each }));
  const outcomes = await announcement.write(changes, new AbortController().signal);
  assert.deepEqual(outcomes, [{ tag: "done" }, { tag: "done" }]);
}

test(
  "entries outlive a restart of the agent, and the anti-entropy that removes what is in the catalogue alone",
  { timeout: 120_000 },
  async (t) => {
    if (!requireServer(t, missing)) return;
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await startConsul({ persistent: true }));
    const open = (node?: string) => new ConsulAnnouncer(announcerOptions(server.port, { node }), testContext());
    const withAgent = stack.use(open()).announce(Path.of("users"), MINE);
    const onNode = stack.use(open("linkspan")).announce(Path.of("orders"), MINE);
    using _ = withAgent.lease.observe(() => undefined);
    await putTwo(withAgent);
    await putTwo(onNode);
    const registry = new ConsulRegistry(server.port);
    const service = { ID: "witness", Service: "witness", Address: "10.9.9.9", Port: 1 };
    await registry.send("catalog/register", { Node: "here", Address: "127.0.0.1", Service: service });
    await server.stop();
    await eventually("stale", () => staleOf(withAgent), 20_000);
    await server.start();
    // What an agent does not know of its own node it takes away when it begins, and every other minute.
    await eventually("anti-entropy has passed", async () => (await allIn(server.port, "witness")) === "", 30_000);
    await eventually("confirmed", () => !staleOf(withAgent), 20_000);
    assert.equal(await allIn(server.port, "users"), "10.0.0.1,10.0.0.2");
    assert.equal(await allIn(server.port, "orders"), "10.0.0.1,10.0.0.2");
    await withAgent[Symbol.asyncDispose]();
    await onNode[Symbol.asyncDispose]();
    assert.equal(await allIn(server.port, "users"), "");
    assert.equal(await allIn(server.port, "orders"), "");
  },
);

function staleOf({ lease }: Announcement): boolean {
  const state = lease.sample();
  return state.tag === "ok" && state.stale !== undefined;
}

test(
  "an agent that begins with nothing has the registrations again, and another lease",
  { timeout: 60_000 },
  async (t) => {
    if (!requireServer(t, missing)) return;
    await using stack = new AsyncDisposableStack();
    const server = stack.use(await startConsul());
    const announcer = stack.use(new ConsulAnnouncer(announcerOptions(server.port), testContext()));
    const users = announcer.announce(Path.of("users"), MINE);
    await putTwo(users);
    await server.stop();
    await server.start();
    await eventually("again", async () => (await allIn(server.port, "users")) === "10.0.0.1,10.0.0.2", 20_000);
    using _ = users.lease.observe(() => undefined);
    const state = users.lease.sample();
    assert.equal(state.tag === "ok" && state.value, 2);
  },
);
