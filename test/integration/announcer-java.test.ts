/** Unmodified Java Curator readers of three generations see what the announcer writes, and never what they cannot read. */
import assert from "node:assert/strict";
import { after, before, test } from "node:test";
import { Path } from "../../src/naming/path.ts";
import type { Announcement, EntryChange, Instance } from "../../src/plugin.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import { openAnnouncer, owner, pod, type AnnouncerFixture } from "../fakes/announcer-over-zookeeper.ts";
import { CutProxy } from "../fakes/cut-proxy.ts";
import { curatorVersions, missingForCurator } from "../servers/curator-jars.ts";
import { CuratorWitness, type Sight } from "../servers/curator-witness.ts";
import { requireServer } from "../servers/require.ts";
import { missingForZooKeeper, startZooKeeper, type ZooKeeperServer } from "../servers/zookeeper.ts";

const UPDATES = process.env["LINKSPAN_TESTS"] === "long" ? 10_000 : 300;
const SOON_MS = 1_000;
/** Where it is only counted that they read: ten thousand times a loaded machine. */
const PATIENCE_MS = 20_000;
const URI_SPEC = JSON.stringify({
  parts: [
    { value: "scheme", variable: true },
    { value: "://", variable: false },
  ],
});

const missing = missingForZooKeeper() ?? curatorVersions.map((each) => missingForCurator(each)).find(Boolean);
let server: ZooKeeperServer | undefined;
before(async () => {
  const java = ["-Dznode.container.checkIntervalMs=500"];
  if (missing === undefined) server = await startZooKeeper({ tickTime: 500, java });
});
after(async () => {
  await server?.[Symbol.asyncDispose]();
});

interface Scene extends AsyncDisposable {
  readonly fixture: AnnouncerFixture;
  readonly announcement: Announcement;
  readonly witnesses: readonly CuratorWitness[];
  readonly proxy: CutProxy;
}

/** `stays`: the service's node is persistent, as the registrations of Curator 2 leave it; else it is a container. */
async function openScene(port: number, { stays = false } = {}): Promise<Scene> {
  const stack = new AsyncDisposableStack();
  const proxy = stack.use(await CutProxy.before(port));
  const fixture = stack.use(await openAnnouncer(`127.0.0.1:${proxy.port}`, { sessionTimeoutMs: 1_000 }));
  if (stays)
    for (const path of [fixture.base, `${fixture.base}/users`]) await fixture.witness.create(path, Buffer.alloc(0));
  const start = (version: (typeof curatorVersions)[number]): Promise<CuratorWitness> =>
    CuratorWitness.start(version, `127.0.0.1:${port}`, fixture.base, "users");
  const witnesses = await Promise.all(curatorVersions.map(start));
  for (const each of witnesses) stack.use(each);
  const announcement = fixture.announcer.announce(Path.of("users"), owner);
  return { fixture, announcement, witnesses, proxy, [Symbol.asyncDispose]: () => stack.disposeAsync() };
}

const within = (): AbortSignal => AbortSignal.timeout(20_000);

async function write(announcement: Announcement, changes: readonly EntryChange[]): Promise<void> {
  for (const outcome of await announcement.write(changes, within())) assert.deepEqual(outcome, { tag: "done" });
}

const keyOf = (fixture: AnnouncerFixture, { id }: Instance): string =>
  `${fixture.base}/users/linkspan:${owner.group}:${owner.member}:io.l5d.k8s:shop:${id}`;

/** Every reader of every version has these ports, within the time. */
async function untilSeen(witnesses: readonly CuratorWitness[], ports: string, withinMs = SOON_MS): Promise<void> {
  let last: readonly Sight[] = [];
  const isSeen = async (): Promise<boolean> => {
    last = await Promise.all(witnesses.map((each) => each.look()));
    return last.every((sight) => [sight.asked, sight.cached, sight.provided].every((each) => each === ports));
  };
  await eventually(`all see ${ports}`, isSeen, withinMs).catch((error: unknown) => {
    throw new Error(`not ${ports} everywhere: ${JSON.stringify(last)}`, { cause: error });
  });
  for (const { failures, why } of last) assert.deepEqual([failures, why], [0, "-"]);
}

test("Java readers see an entry within a second, its change too, and lose it within one", async (t) => {
  if (!requireServer(t, missing) || !server) return;
  await using scene = await openScene(server.port);
  const { fixture, announcement, witnesses } = scene;
  await untilSeen(witnesses, "-", 10_000);
  await write(announcement, [{ op: "put", instance: pod(1) }]);
  await untilSeen(witnesses, "8001");
  const payload = { "@class": "Witness$Meta", version: "2", weight: 3 };
  await write(announcement, [{ op: "put", instance: pod(2, { payload, meta: { uriSpec: URI_SPEC } }) }]);
  await untilSeen(witnesses, "8001,8002");
  await write(announcement, [{ op: "put", instance: pod(1, { port: 9001 }) }]);
  await untilSeen(witnesses, "8002,9001");
  await write(announcement, [{ op: "remove", key: keyOf(fixture, pod(1)) }]);
  await untilSeen(witnesses, "8002");
});

test("entries are gone with the announcer's session, and back after it", { timeout: 60_000 }, async (t) => {
  if (!requireServer(t, missing) || !server) return;
  // The cache of Curator 2.7 looks at a node that was swept and made again no more, whoever made it.
  await using scene = await openScene(server.port, { stays: true });
  const { announcement, witnesses, proxy } = scene;
  await write(
    announcement,
    [1, 2].map((n) => ({ op: "put", instance: pod(n) })),
  );
  await untilSeen(witnesses, "8001,8002", 10_000);
  await proxy.cut();
  await untilSeen(witnesses, "-", 10_000);
  await proxy.mend();
  await untilSeen(witnesses, "8001,8002", 15_000);
});

test(`no reader meets an entry that it cannot read, in ${UPDATES} updates`, { timeout: 1_800_000 }, async (t) => {
  if (!requireServer(t, missing) || !server) return;
  // The cache of Curator 2.7 would read nothing any more once the last entry was swept with its node.
  await using scene = await openScene(server.port, { stays: true });
  const { fixture, announcement, witnesses } = scene;
  const random = seededRandom(15);
  const below = (limit: number): number => Math.floor(random.next() * limit);
  const standing = new Map<string, number>();
  for (let update = 0; update < UPDATES; update++) {
    const n = below(8);
    const { id } = pod(n);
    const isRemoved = standing.has(id) && below(4) === 0;
    const before = await Promise.all(witnesses.map((each) => each.look()));
    if (isRemoved) {
      await write(announcement, [{ op: "remove", key: keyOf(fixture, pod(n)) }]);
      standing.delete(id);
    } else {
      const instance = changed(n, below, new Set(standing.values()));
      await write(announcement, [{ op: "put", instance }]);
      standing.set(id, instance.port ?? 0);
    }
    const ports = [...standing.values()].sort((a, b) => a - b).join() || "-";
    await untilSeen(witnesses, ports, PATIENCE_MS).catch((error: unknown) => {
      throw new Error(`update ${update}`, { cause: error });
    });
    if (isRemoved) continue;
    for (const [at, { reads }] of (await Promise.all(witnesses.map((each) => each.look()))).entries()) {
      const hasRead = reads.map((count, reader) => count > (before[at]?.reads[reader] ?? 0));
      assert.deepEqual(hasRead, [true, true, true], `the readers of ${curatorVersions[at]} in update ${update}`);
    }
  }
});

/** At a port that no other entry has, with whatever else an instance may say. */
function changed(n: number, below: (limit: number) => number, taken: ReadonlySet<number>): Instance {
  const payload = { "@class": "Witness$Meta", version: `v${below(1e6)}`, weight: below(10) };
  let port = 1 + below(65_535);
  while (taken.has(port)) port = 1 + below(65_535);
  const more = { port, ...(below(3) === 0 ? {} : { payload }) };
  const uri = below(2) === 0 ? {} : { meta: { uriSpec: URI_SPEC } };
  return pod(n, { ...more, ...uri, ...(below(4) === 0 ? { tlsPort: 8443 } : {}) });
}
