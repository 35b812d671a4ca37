/** Requests to services of a real Consul agent while instances come, fail and go, and the agent dies: not one may fail. */
import assert from "node:assert/strict";
import { test } from "node:test";
import Consul from "consul";
import { shownEndpoints, startDaemon, type TestDaemon } from "../e2e/daemon.ts";
import { type Backend, startBackend } from "../load/backend.ts";
import { failed, OpenLoad } from "../load/open-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { missingForConsul, startConsul } from "../servers/consul.ts";
import { freePort } from "../servers/free-port.ts";
import { requireServer } from "../servers/require.ts";

/** As services' agents do: who calls may know them for so long after they have left. */
const GRACE_MS = 1_000;
const HOST = "127.0.0.1";

const linkerd = (port: number): string => `
admin: {port: 0}
namers:
- {kind: io.l5d.consul, host: ${HOST}, port: ${port}, useHealthCheck: true}
routers:
- protocol: http
  dtab: /svc/users => /#/io.l5d.consul/dc1/users ;
  servers: [{port: 0}]
`;

/** Registers services as applications do, with npm's client and a check that they answer themselves. */
class Registrar {
  readonly #consul: Consul;

  constructor(port: number) {
    this.#consul = new Consul({ host: HOST, port });
  }

  async add(...backends: readonly Backend[]): Promise<void> {
    for (const { name, port } of backends) {
      // The types want a timeout, which a check of this kind does not have.
      const check = { name, ttl: "60s", status: "passing", timeout: "1s" };
      await this.#consul.agent.service.register({ name: "users", id: name, address: HOST, port, check });
    }
  }

  async fail({ name }: Backend): Promise<void> {
    await this.#consul.agent.check.fail({ id: `service:${name}` });
  }

  async pass({ name }: Backend): Promise<void> {
    await this.#consul.agent.check.pass({ id: `service:${name}` });
  }

  async remove({ name }: Backend): Promise<void> {
    await this.#consul.agent.service.deregister(name);
  }
}

async function untilRouted(daemon: TestDaemon, ...backends: readonly Backend[]): Promise<void> {
  const wanted = JSON.stringify(backends.map(({ port }) => `${HOST}:${port}`).sort());
  const isShown = async (): Promise<boolean> => JSON.stringify(await shownEndpoints(daemon)) === wanted;
  await waitUntil(`the endpoints are ${wanted}`, 10_000, isShown);
}

test("instances come, fail and go, and the agent loses its data: no request fails", { timeout: 60_000 }, async (t) => {
  if (!requireServer(t, missingForConsul())) return;
  await using stack = new AsyncDisposableStack();
  const agent = stack.use(await startConsul());
  const registrar = new Registrar(agent.port);
  const backend = async (name: string): Promise<Backend> => stack.use(await startBackend(name));
  const [first, second, third] = [await backend("first"), await backend("second"), await backend("third")];
  await registrar.add(first, second);
  const daemon = stack.use(await startDaemon(linkerd(agent.port)));
  const load = stack.use(new OpenLoad({ port: daemon.port, host: "users", perSecond: 200 }));
  await untilRouted(daemon, first, second);

  await registrar.add(third);
  await untilRouted(daemon, first, second, third);
  await registrar.fail(first);
  await untilRouted(daemon, second, third);
  await registrar.pass(first);
  await untilRouted(daemon, first, second, third);
  await registrar.remove(third);
  await untilRouted(daemon, first, second);
  await letPass(GRACE_MS);
  await third.die();

  await agent.kill();
  await waitUntil("the outage is told", 10_000, () => daemon.logged("namer.stale").length > 0);
  await letPass(1_000);
  await agent.start();
  await waitUntil("the recovery is told", 15_000, () => daemon.logged("namer.recovered").length > 0);
  // The agent knows of no users now; the guard holds them.
  await letPass(1_000);
  assert.deepEqual(await shownEndpoints(daemon), [first, second].map(({ port }) => `${HOST}:${port}`).sort());
  const fourth = await backend("fourth");
  await registrar.add(first, second, fourth);
  await untilRouted(daemon, first, second, fourth);
  await letPass(500);
  await load.stop();

  const failures = failed(load.answers).map((each) => JSON.stringify(each));
  assert.equal(failures.join("\n"), "");
  assert.ok(load.offeredShare >= 0.95, `only ${load.offeredShare} of the load was sent`);
  assert.equal(new Set(load.answers.map(({ body }) => body)).size, 4, "each instance had requests");
  assert.equal(daemon.logged("namer.stale").length, 1);
  assert.equal(daemon.logged("namer.recovered").length, 1);
});

const withAway = (port: number, away: number): string => `
admin: {port: 0}
namers:
- {kind: io.l5d.consul, host: ${HOST}, port: ${port}}
- {kind: io.l5d.consul, prefix: /away, host: ${HOST}, port: ${away}}
- {kind: io.l5d.consul, prefix: /strict, host: ${HOST}, port: ${away}, whenUnreachable: fail}
routers:
- protocol: http
  dtab: |
    /svc/lenient => /#/away/dc1/users | /#/io.l5d.consul/dc1/users ;
    /svc/strict => /#/strict/dc1/users | /#/io.l5d.consul/dc1/users ;
  servers: [{port: 0}]
`;

test("where an agent was never reached the next target is called, unless it is told to fail", async (t) => {
  if (!requireServer(t, missingForConsul())) return;
  await using stack = new AsyncDisposableStack();
  const agent = stack.use(await startConsul());
  const users = stack.use(await startBackend("users"));
  await new Registrar(agent.port).add(users);
  const daemon = stack.use(await startDaemon(withAway(agent.port, await freePort())));
  const lenient = stack.use(new OpenLoad({ port: daemon.port, host: "lenient", perSecond: 20 }));
  const strict = stack.use(new OpenLoad({ port: daemon.port, host: "strict", perSecond: 20 }));
  await waitUntil("each is answered", 10_000, () => lenient.answers.length > 10 && strict.answers.length > 10);
  await Promise.all([lenient.stop(), strict.stop()]);
  assert.deepEqual(new Set(lenient.answers.map(({ status, body }) => `${status} ${body}`)), new Set(["200 users"]));
  assert.deepEqual(new Set(strict.answers.map(({ status }) => status)), new Set([503]));
});
