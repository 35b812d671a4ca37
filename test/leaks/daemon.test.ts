/** A daemon that was used and closed leaves nothing in its process. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { startDaemon } from "../e2e/daemon.ts";
import { heapInUse } from "../e2e/heap.ts";
import { tempFolder } from "../e2e/temp-folder.ts";
import { startBackend } from "../load/backend.ts";
import { OpenLoad, failed } from "../load/open-load.ts";
import { waitUntil } from "../load/wait-until.ts";

const rounds = process.env["LINKSPAN_TESTS"] === "long" ? 100 : 10;

/** Opens a daemon, uses every part of it, and closes it. */
async function useOnce(folder: string): Promise<void> {
  await using daemon = await startDaemon(
    `
admin: {port: 0}
sources: {files: {files: ${folder}}}
routes: {users: files/users, orders: {to: files/orders, timeout: 2s}, "*": files/*}
listen: 0
`,
  );
  const loads = ["users", "orders", "unknown"].map((host) => new OpenLoad({ port: daemon.port, host, perSecond: 200 }));
  const [users, orders, unknown] = loads;
  await waitUntil("each name was asked for", 5_000, () => loads.every(({ answers }) => answers.length > 20));
  for (const path of ["/metrics", "/admin/metrics.json", "/admin/names", "/"]) {
    await (await fetch(`${daemon.adminUrl}${path}`)).text();
  }
  const leaving = new AbortController();
  const page = await fetch(`${daemon.adminUrl}/api/stream`, { signal: leaving.signal });
  await page.body?.getReader().read();
  leaving.abort();
  await Promise.all(loads.map((load) => load.stop()));
  assert.deepEqual(failed([...(users?.answers ?? []), ...(orders?.answers ?? [])]), []);
  assert.ok(unknown?.answers.every(({ code }) => code === "name.negative"));
  assert.deepEqual(daemon.logged("bug"), []);
}

const resources = (): string => process.getActiveResourcesInfo().sort().join();

it(
  `a daemon that is started, used and closed ${rounds} times leaves no handle and no memory`,
  { timeout: 600_000 },
  async () => {
    await using users = await startBackend("users");
    await using orders = await startBackend("orders");
    using folder = tempFolder({ users: `127.0.0.1 ${users.port}\n`, orders: `127.0.0.1 ${orders.port}\n` });
    // What is loaded and made once for a process is there after two rounds.
    for (let round = 0; round < 2; round++) await useOnce(folder.path);
    const settled = async (): Promise<string> => {
      let before = resources();
      await waitUntil("the process is at rest", 10_000, async () => {
        await new Promise((resolve) => setTimeout(resolve, 100));
        const now = resources();
        const same = now === before;
        before = now;
        return same;
      });
      return before;
    };
    const atRest = await settled();
    const heapBefore = await heapInUse();
    for (let round = 0; round < rounds; round++) await useOnce(folder.path);
    await waitUntil(`${atRest} is what is open again`, 10_000, () => resources() === atRest).catch((error: unknown) => {
      throw new Error(`open now: ${resources()}`, { cause: error });
    });
    const grown = ((await heapInUse()) - heapBefore) / 2 ** 20;
    assert.ok(grown < 4, `the heap grew by ${grown.toFixed(1)} MiB in ${rounds} rounds`);
  },
);
