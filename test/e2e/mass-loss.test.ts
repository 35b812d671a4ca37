// Losses of instances, large and small, as callers notice them: through a whole daemon, from a registry that says them.
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { curatorJson } from "../fakes/curator-fixture.ts";
import { FakeZooKeeper } from "../fakes/zookeeper.ts";
import { startBackend } from "../load/backend.ts";
import { askOnce } from "../load/open-load.ts";
import { letPass, waitUntil } from "../load/wait-until.ts";
import { shownClusters, shownEndpoints, startDaemon, type TestDaemon } from "./daemon.ts";

const configuration = (zookeeper: string, hold: string, more: string): string => `
admin: {port: 0}
guard: {hold: ${hold}}
namers:
- {kind: io.l5d.curator, zkAddrs: "${zookeeper}", basePath: /services}
routers:
- {protocol: http, dtab: "/svc => /#/io.l5d.curator", servers: [{port: 0}]${more}}
`;

interface Scene extends AsyncDisposable {
  readonly zookeeper: FakeZooKeeper;
  readonly daemon: TestDaemon;
  /** The status, or 0. */
  ask(): Promise<number>;
}

/** A daemon that was asked for a service with these hosts, all of them with one port. */
async function openScene(hosts: readonly string[], port: number, hold = "60s", more = ""): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const zookeeper = stack.use(await FakeZooKeeper.start());
  for (const host of hosts) register(zookeeper, host, port);
  const daemon = stack.use(await startDaemon(configuration(zookeeper.connectString, hold, more)));
  const ask = async (): Promise<number> => (await askOnce({ port: daemon.port, host: "users" })).status;
  await ask();
  return { zookeeper, daemon, ask, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const entryOf = (host: string): string => `/services/users/i-${host}`;

function register(zookeeper: FakeZooKeeper, host: string, port: number): void {
  zookeeper.set(entryOf(host), curatorJson("users", { id: `i-${host}`, host, port }));
}

const hostAt = (at: number): string => `127.0.1.${at + 1}`;
const hundred = Array.from({ length: 100 }, (_, at) => hostAt(at));

const isHeld = async (daemon: TestDaemon): Promise<boolean> =>
  (await shownClusters(daemon)).some(({ state }) => state === "held");

async function endpointsBecome(daemon: TestDaemon, count: number): Promise<void> {
  await waitUntil(`there are ${count} endpoints`, 5_000, async () => (await shownEndpoints(daemon)).length === count);
}

describe("instances that leave", { timeout: 60_000 }, () => {
  it("are held like an empty answer when a hundred of them expire one by one; one that deregisters is gone at once", async () => {
    await using alive = await startBackend("alive", { host: "0.0.0.0", port: 0 });
    await using scene = await openScene(hundred, alive.port);
    const { zookeeper, daemon } = scene;
    await endpointsBecome(daemon, 100);
    zookeeper.remove(entryOf(hostAt(0)));
    await endpointsBecome(daemon, 99);
    for (const host of hundred.slice(1)) {
      zookeeper.remove(entryOf(host));
      await letPass(5);
    }
    await waitUntil("the loss is held", 5_000, () => isHeld(daemon));
    await letPass(200);
    const { length: used } = await shownEndpoints(daemon);
    assert.ok(used >= 50 && used < 99, `${used} are used still`);
    assert.equal(daemon.logged("guard.held").length, 1);
  });

  it("are replaced one by one, or all by one, without a hold", async () => {
    await using scene = await openScene(hundred.slice(0, 4), 1);
    const { zookeeper, daemon } = scene;
    for (let at = 0; at < 12; at++) {
      zookeeper.remove(entryOf(hostAt(at)));
      await letPass(20);
      register(zookeeper, hostAt(at + 4), 1);
      await letPass(20);
    }
    await waitUntil("the newest four are used", 5_000, async () => {
      const shown = await shownEndpoints(daemon);
      return shown.length === 4 && shown.every((each) => Number(each.split(/[.:]/)[3]) > 12);
    });
    assert.deepEqual(daemon.logged("guard.held"), []);
  });

  it("cost no request while they are held: what refuses connections gets none", async () => {
    await using alive = await startBackend("alive");
    await using scene = await openScene(["127.0.0.1", "127.0.1.1", "127.0.1.2", "127.0.1.3"], alive.port);
    const { zookeeper, daemon, ask } = scene;
    for (const host of ["127.0.1.1", "127.0.1.2", "127.0.1.3"]) zookeeper.remove(entryOf(host));
    await waitUntil("the loss is held", 5_000, () => isHeld(daemon));
    const answers = new Set<number>();
    for (let asked = 0; asked < 100; asked++) answers.add(await ask());
    assert.deepEqual([...answers], [200]);
  });
});

describe("after the hold", { timeout: 60_000 }, () => {
  it("the same loss is believed when a fresh connection shows it again", async () => {
    await using alive = await startBackend("alive");
    await using scene = await openScene(["127.0.0.1"], alive.port, "1s");
    const { zookeeper, daemon, ask } = scene;
    const before = zookeeper.accepted;
    zookeeper.remove(entryOf("127.0.0.1"));
    await waitUntil("the loss is held", 5_000, () => isHeld(daemon));
    assert.deepEqual([await ask(), zookeeper.accepted], [200, before]);
    await waitUntil("it is believed", 10_000, () => daemon.logged("guard.released").length === 1);
    assert.equal(daemon.logged("guard.released")[0]?.["why"], "confirmed");
    assert.ok(zookeeper.accepted > before, "on another connection");
    assert.notEqual(await ask(), 200);
  });

  it("a service that was back within it was there all the time", async () => {
    await using alive = await startBackend("alive");
    await using scene = await openScene(["127.0.0.1"], alive.port);
    const { zookeeper, daemon, ask } = scene;
    zookeeper.remove("/services/users");
    await waitUntil("the loss is held", 5_000, () => isHeld(daemon));
    assert.equal(await ask(), 200);
    register(zookeeper, "127.0.0.1", alive.port);
    await waitUntil("the hold is over", 5_000, async () => !(await isHeld(daemon)));
    assert.equal(daemon.logged("guard.released")[0]?.["why"], "shown again");
    assert.equal(await ask(), 200);
  });

  it("a hold of nothing believes every loss at once", async () => {
    await using alive = await startBackend("alive");
    await using scene = await openScene(["127.0.0.1"], alive.port, "0s");
    const { zookeeper, daemon, ask } = scene;
    zookeeper.remove(entryOf("127.0.0.1"));
    await waitUntil("it is believed", 5_000, async () => (await ask()) !== 200);
    assert.deepEqual(daemon.logged("guard.held"), []);
  });
});

describe("a name that nobody has asked for in a while", { timeout: 60_000 }, () => {
  it("is forgotten by the daemon and not by its memory: in an outage it starts from there", async () => {
    await using alive = await startBackend("alive");
    const idle = ", bindingCache: {idleTtlSecs: 1}";
    await using scene = await openScene(["127.0.0.1"], alive.port, "60s", idle);
    const { zookeeper, daemon, ask } = scene;
    assert.equal(await ask(), 200);
    await waitUntil("nobody watches it", 20_000, async () => {
      const text = await (await fetch(`${daemon.adminUrl}/metrics`)).text();
      return /linkspan_watches\{namer="\/io.l5d.curator",state="ok"\} 0/.test(text);
    });
    await zookeeper.down();
    assert.equal(await ask(), 200);
    const names = (await (await fetch(`${daemon.adminUrl}/admin/names`)).json()) as {
      namers: { watches: { state: string }[] }[];
    };
    assert.deepEqual(
      names.namers.flatMap(({ watches }) => watches.map(({ state }) => state)),
      ["stale"],
    );
  });
});
