// Registrations of a real ZooKeeper that go with their sessions, one by one: a mass loss like an empty answer; one that is withdrawn is none.
import assert from "node:assert/strict";
import { it } from "node:test";
import { ZkClient } from "../../namers/zookeeper/client.ts";
import type { Dialer } from "../../src/plugin.ts";
import { socketDialer, testContext } from "../../src/testing/plugin-context.ts";
import { shownClusters, startDaemon, type TestDaemon } from "../e2e/daemon.ts";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { startBackend } from "../load/backend.ts";
import { failed, OpenLoad } from "../load/open-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { requireServer } from "../servers/require.ts";
import { missingForZooKeeper, startZooKeeper } from "../servers/zookeeper.ts";

const MANY = 100;
const host = "127.0.0.1";

/** A client whose process can be killed: its session expires. */
class Mortal {
  readonly client: ZkClient;
  readonly #sockets = new Set<Awaited<ReturnType<Dialer["connect"]>>>();
  #isDead = false;

  constructor(connectString: string) {
    const dial: Dialer = {
      connect: async (...asked) => {
        if (this.#isDead) throw new Error("it is dead");
        const socket = await socketDialer.connect(...asked);
        this.#sockets.add(socket);
        return socket;
      },
    };
    this.client = new ZkClient({ connectString, sessionTimeoutMs: 1_000 }, testContext({ dial }));
    this.client.start();
  }

  die(): void {
    this.#isDead = true;
    for (const socket of this.#sockets) socket.destroy();
  }
}

const configuration = (connectString: string): string => `
admin: {port: 0}
guard: {hold: 60s}
namers:
- {kind: io.l5d.curator, prefix: /r, zkAddrs: "${connectString}", basePath: /services}
routers:
- protocol: http
  dtab: /svc => /#/r
  servers: [{port: 0}]
`;

async function shown(daemon: TestDaemon): Promise<{ readonly state: string; readonly count: number }> {
  const [cluster] = await shownClusters(daemon);
  return { state: cluster?.state ?? "", count: cluster?.endpoints.length ?? 0 };
}

it(
  "a hundred instances that expire one by one are held, and one that deregisters is gone at once",
  { timeout: 120_000 },
  async (t) => {
    if (!requireServer(t, missingForZooKeeper())) return;
    await using stack = new AsyncDisposableStack();
    const zookeeper = stack.use(await startZooKeeper({ tickTime: 500 }));
    const backends = await Promise.all(Array.from({ length: MANY }, (_, n) => startBackend(`i-${n}`)));
    backends.forEach((each) => stack.use(each));
    const mortals = backends.map(() => new Mortal(zookeeper.connectString));
    stack.defer(() => mortals.forEach((each) => each.die()));
    stack.defer(async () => void (await Promise.all(mortals.map(({ client }) => client.close()))));
    const [first] = mortals;
    for (const path of ["/services", "/services/users"]) await first?.client.create(path, Buffer.alloc(0));
    for (const [n, { name, port }] of backends.entries()) {
      const path = `/services/users/${name}`;
      await mortals[n]?.client.create(path, curatorJson("users", { id: name, host, port }), "ephemeral");
    }
    const daemon = stack.use(await startDaemon(configuration(zookeeper.connectString)));
    const load = stack.use(new OpenLoad({ port: daemon.port, host: "users", perSecond: 500 }));
    await waitUntil("all are called", 10_000, async () => (await shown(daemon)).count === MANY);

    await mortals.at(-1)?.client.delete(`/services/users/i-${MANY - 1}`);
    await waitUntil("who deregistered is gone", 1_000, async () => (await shown(daemon)).count === MANY - 1);
    assert.equal((await shown(daemon)).state, "ok");

    for (const mortal of mortals) {
      mortal.die();
      await letPass(20);
    }
    await waitUntil("the loss is held", 15_000, async () => (await shown(daemon)).state === "held");
    await letPass(4_000);
    const { state, count } = await shown(daemon);
    assert.equal(state, "held");
    assert.ok(count >= MANY / 2 - 5, `only ${count} are left`);

    await load.stop();
    assert.deepEqual(failed(load.answers).slice(0, 5), []);
    assert.ok(load.offeredShare >= 0.95, `only ${load.offeredShare} of the load was sent`);
    assert.deepEqual(daemon.logged("bug"), []);
  },
);
