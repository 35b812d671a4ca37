/** What an announcer leaves in a real ZooKeeper's log can be read again, however its sessions end. */
import assert from "node:assert/strict";
import { test } from "node:test";
import type { ZkClient } from "../../namers/zookeeper/client.ts";
import { curatorEntries } from "../../namers/zookeeper/curator-entry.ts";
import { MOST_ENTRIES, MOST_PATH_BYTES } from "../../namers/zookeeper/entry-session.ts";
import { ZkAnnouncer } from "../../namers/zookeeper/zk-announcer.ts";
import { Path } from "../../src/naming/path.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { testContext } from "../../src/testing/plugin-context.ts";
import { owner, pod } from "../fakes/announcer-over-zookeeper.ts";
import { CutProxy } from "../fakes/cut-proxy.ts";
import { openClient } from "../fakes/zookeeper-client.ts";
import { requireServer } from "../servers/require.ts";
import { generations } from "../servers/zookeeper-jars.ts";
import { missingForZooKeeper, startZooKeeper } from "../servers/zookeeper.ts";

const SERVICE = "/services/users";
/** Long names fill a session by their bytes, short ones by their number. */
const fillings = [
  { by: "the number of its entries", entries: 4_500, name: (n: number) => `${n}` },
  { by: "the bytes of their paths", entries: 2_000, name: (n: number) => `${n}-${"x".repeat(300)}` },
];

const sum = (numbers: readonly number[]): number => numbers.reduce((total, each) => total + each, 0);

/** The lengths of the paths that each session owns. */
async function bytesBySession(client: ZkClient): Promise<ReadonlyMap<bigint, readonly number[]>> {
  const { children } = await client.getChildren(SERVICE);
  const paths = children.map((name) => `${SERVICE}/${name}`);
  const stats = await Promise.all(paths.map((path) => client.exists(path)));
  const owned = new Map<bigint, number[]>();
  for (const [at, path] of paths.entries()) {
    const session = stats[at]?.ephemeralOwner ?? 0n;
    owned.set(session, [...(owned.get(session) ?? []), path.length]);
  }
  return owned;
}

const cases = generations.flatMap((generation) => fillings.map((filling) => ({ generation, ...filling })));

for (const { generation, by, entries, name } of cases) {
  const title = `ZooKeeper ${generation} starts again after sessions full by ${by} were closed, and lost`;
  test(title, { timeout: 120_000 }, async (t) => {
    if (!requireServer(t, missingForZooKeeper(generation))) return;
    await using server = await startZooKeeper({ generation, tickTime: 500 });
    await using proxy = await CutProxy.before(server.port);
    await using reader = openClient(server.connectString, { sessionTimeoutMs: 8_000 });
    const places = { base: "/services", electionPath: "/elections" };
    const open = (port: number): ZkAnnouncer =>
      new ZkAnnouncer(
        { connectString: `127.0.0.1:${port}`, sessionTimeoutMs: 6_000, ...places },
        curatorEntries,
        testContext(),
      );
    const puts = Array.from({ length: entries }, (_, n) => ({ op: "put", instance: pod(1, { id: name(n) }) }) as const);
    const fill = async (announcer: ZkAnnouncer): Promise<void> => {
      const outcomes = await announcer.announce(Path.of("users"), owner).write(puts, AbortSignal.timeout(60_000));
      assert.ok(outcomes.every(({ tag }) => tag === "done"));
    };
    const left = (): Promise<number> =>
      reader.client.getChildren(SERVICE).then(
        ({ children }) => children.length,
        () => -1,
      );
    const restart = async (): Promise<void> => {
      await server.restart();
      await eventually("it serves what it had", () => reader.client.exists("/").then(Boolean, () => false), 30_000);
    };

    const closed = open(server.port);
    await fill(closed);
    const owned = await bytesBySession(reader.client);
    assert.ok(owned.size > 1, "one session would not do");
    for (const bytes of owned.values()) assert.ok(bytes.length <= MOST_ENTRIES && sum(bytes) <= MOST_PATH_BYTES);
    await closed[Symbol.asyncDispose]();
    assert.ok((await left()) <= 0);
    await restart();

    await using lost = open(proxy.port);
    await fill(lost);
    await proxy.cut();
    await eventually("they went with their sessions", async () => (await left()) <= 0, 20_000);
    await restart();
    await proxy.mend();
    await eventually("they are back", async () => (await left()) === entries, 30_000);
  });
}
