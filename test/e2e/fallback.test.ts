// Fall-backs of a dtab, when what a name led to vanishes: the guard's hold must not cost a request.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { type Backend, startBackend } from "../load/backend.ts";
import { type Answer, askOnce, failed, OpenLoad } from "../load/open-load.ts";
import { waitUntil } from "../load/wait-until.ts";
import { shownClusters, startDaemon, type TestDaemon } from "./daemon.ts";

const host = "127.0.0.1";

const configuration = (zookeeper: string): string => `
admin: {port: 0}
namers:
- {kind: io.l5d.curator, prefix: /a, zkAddrs: "${zookeeper}", basePath: /a}
- {kind: io.l5d.curator, prefix: /b, zkAddrs: "${zookeeper}", basePath: /b}
routers:
- protocol: http
  dtab: /svc/users => /#/a/users | /#/b/users
  servers: [{port: 0}]
`;

interface Scene extends AsyncDisposable {
  readonly a: Backend;
  readonly zookeeper: FakeZooKeeper;
  readonly daemon: TestDaemon;
  ask(): Promise<Answer>;
}

/** The service is registered twice, and a request went to the first. */
async function openScene(): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const zookeeper = stack.use(await FakeZooKeeper.start());
  const a = stack.use(await startBackend("a"));
  const b = stack.use(await startBackend("b"));
  for (const { name, port } of [a, b]) {
    zookeeper.set(`/${name}/users/i-1`, curatorJson("users", { id: "i-1", host, port }));
  }
  const daemon = stack.use(await startDaemon(configuration(zookeeper.connectString)));
  const ask = (): Promise<Answer> => askOnce({ port: daemon.port, host: "users" });
  const answer = await ask();
  assert.deepEqual([answer.status, a.requests], [200, 1]);
  return { a, zookeeper, daemon, ask, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

async function dies({ a, daemon }: Scene): Promise<void> {
  await a.die();
  await waitUntil("the router has seen that its connections are closed", 5_000, async () => {
    const clusters = await shownClusters(daemon);
    return clusters.every((each) => each.endpoints.every(({ connections }) => connections === 0));
  });
}

/** By the log: where nothing can be connected to, the loss may be believed before anybody sees its state. */
async function isHeld({ daemon, zookeeper }: Scene): Promise<void> {
  zookeeper.remove("/a/users");
  await waitUntil("the loss is held", 5_000, () => daemon.logged("guard.held").length > 0);
}

describe("the fall-back of a name whose loss is held", { timeout: 30_000 }, () => {
  it("takes over without a failed request when the service dies while it is held", async () => {
    await using scene = await openScene();
    await isHeld(scene);
    await scene.ask();
    assert.equal(scene.a.requests, 2);
    await dies(scene);
    for (let asked = 0; asked < 3; asked++) {
      const { status, body } = await scene.ask();
      assert.deepEqual([status, body], [200, "b"]);
    }
  });

  it("takes over without a failed request under load, however many instances die", async () => {
    await using stack = new AsyncDisposableStack();
    const zookeeper = stack.use(await FakeZooKeeper.start());
    const spare = stack.use(await startBackend("b"));
    const dying = await Promise.all(Array.from({ length: 60 }, (_, n) => startBackend(`a-${n}`)));
    dying.forEach((each) => stack.use(each));
    for (const { name: id, port } of dying) zookeeper.set(`/a/users/${id}`, curatorJson("users", { id, host, port }));
    zookeeper.set("/b/users/i-1", curatorJson("users", { id: "i-1", host, port: spare.port }));
    const daemon = stack.use(await startDaemon(configuration(zookeeper.connectString)));
    const load = stack.use(new OpenLoad({ port: daemon.port, host: "users", perSecond: 500 }));
    await waitUntil("requests are answered", 5_000, () => load.answers.length > 200);
    zookeeper.remove("/a/users");
    await waitUntil("the loss is held", 5_000, async () =>
      (await shownClusters(daemon)).some(({ state }) => state === "held"),
    );
    await Promise.all(dying.map((each) => each.die()));
    await waitUntil("the next alternative serves", 5_000, () => spare.requests > 50);
    await load.stop();
    assert.deepEqual(failed(load.answers, { killed: true }), []);
  });

  it("takes over without a failed request when the service was dead before it vanished", async () => {
    await using scene = await openScene();
    await dies(scene);
    assert.equal((await scene.ask()).status, 502);
    await isHeld(scene);
    const { status, body } = await scene.ask();
    assert.deepEqual([status, body], [200, "b"]);
  });
});
