// The main job: an application sends to the daemon on its host, and reaches what an unmodified Curator client registered.
import assert from "node:assert/strict";
import { it } from "node:test";
import { startDaemon } from "../e2e/daemon.ts";
import { type Backend, startBackend } from "../load/backend.ts";
import { OpenLoad, failed } from "../load/open-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { missingForCurator, startCurator } from "../servers/curator.ts";
import { requireServer } from "../servers/require.ts";
import { missingForZooKeeper, startZooKeeper } from "../servers/zookeeper.ts";

const host = "127.0.0.1";
const configuration = (connectString: string): string => `
admin: {port: 0}
namers:
- kind: io.l5d.curator
  zkAddrs: "${connectString}"
  basePath: /services
routers:
- protocol: http
  dtab: /svc => /#/io.l5d.curator
  client: {loadBalancer: {kind: ewma}}
  servers: [{port: 0}]
`;

function shareOf(backend: Backend, bodies: readonly string[]): number {
  return bodies.filter((body) => body === backend.name).length / bodies.length;
}

it("no request fails while Curator instances come, go, die, slow down and move", { timeout: 120_000 }, async (t) => {
  if (!requireServer(t, missingForZooKeeper() ?? missingForCurator())) return;
  await using servers = new AsyncDisposableStack();
  const zookeeper = servers.use(await startZooKeeper({ tickTime: 500 }));
  const [steady, doomed] = await Promise.all([
    startCurator(zookeeper.connectString),
    startCurator(zookeeper.connectString),
  ]);
  servers.use(steady);
  servers.use(doomed);
  const backend = async (name: string): Promise<Backend> => servers.use(await startBackend(name, { delayMs: 4 }));
  const [first, second, third, fourth, moved] = await Promise.all(["i-1", "i-2", "i-3", "i-4", "moved"].map(backend));
  assert.ok(first && second && third && fourth && moved);
  const register = (id: string, port: number) => steady.register({ service: "users", id, host, port });
  await register("i-1", first.port);
  await doomed.register({ service: "users", id: "i-2", host, port: second.port });
  await register("i-3", third.port);
  const daemon = servers.use(await startDaemon(configuration(zookeeper.connectString)));

  const load = servers.use(new OpenLoad({ port: daemon.port, host: "users", perSecond: 250 }));
  await waitUntil("all three instances get traffic", 5_000, () =>
    [first, second, third].every((each) => each.requests > 20),
  );

  await steady.unregister("users", "i-1");
  await letPass(500);
  const firstAfter = first.requests;
  await letPass(500);
  assert.equal(first.requests, firstAfter, "an unregistered instance got traffic");

  await Promise.all([doomed.kill(), second.die()]);
  await letPass(1_000);

  await register("i-4", fourth.port);
  await waitUntil("the new instance gets traffic", 500, () => fourth.requests > 0);

  third.delayMs = 200;
  await letPass(2_000);
  const slowSince = performance.now();
  await letPass(1_500);
  const slowUntil = performance.now();

  await steady.update({ service: "users", id: "i-4", host, port: moved.port });
  await waitUntil("the instance is followed to its new port", 500, () => moved.requests > 0);

  await waitUntil("two thousand requests were sent", 20_000, () => load.answers.length >= 2_000);
  await load.stop();
  const whileSlow = load.after(slowSince).filter((answer) => answer.sentAt < slowUntil);
  assert.deepEqual(failed(load.answers, { killed: true }), []);
  assert.ok(load.offeredShare >= 0.95, `only ${load.offeredShare} of the load was sent`);
  const slowShare = shareOf(
    third,
    whileSlow.map((answer) => answer.body),
  );
  assert.ok(slowShare < 0.05, `the slow instance got ${slowShare} of the requests`);
});
