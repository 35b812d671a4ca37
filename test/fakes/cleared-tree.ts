/** Takes away what a test has put below a node of ZooKeeper, so that the next one finds nothing of it. */
import { ZkClient } from "../../namers/zookeeper/client.ts";
import { isZkError } from "../../namers/zookeeper/zk-error.ts";
import { eventually } from "../../src/testing/eventually.ts";
import { testContext } from "../../src/testing/plugin-context.ts";

/** What could not be ended in good order ends with its session. */
const EXPIRED_MS = 15_000;

/** `port` is of a server on 127.0.0.1. Waits first until no ephemeral node is left below the paths; then they go, too. */
export async function clearTrees(port: number, ...paths: readonly string[]): Promise<void> {
  const client = new ZkClient({ connectString: `127.0.0.1:${port}`, sessionTimeoutMs: 10_000 }, testContext());
  client.start();
  try {
    for (const path of paths) {
      const isAlone = async (): Promise<boolean> => !(await hasEphemerals(client, path));
      await eventually(`nobody has an ephemeral node below ${path}`, isAlone, EXPIRED_MS);
      await remove(client, path);
    }
  } finally {
    await client.close();
  }
}

async function hasEphemerals(client: ZkClient, path: string): Promise<boolean> {
  const stat = await client.exists(path);
  if (stat === undefined || stat.ephemeralOwner !== 0n) return stat !== undefined;
  const below = (await childrenOf(client, path)).map((child) => hasEphemerals(client, child));
  return (await Promise.all(below)).includes(true);
}

async function remove(client: ZkClient, path: string): Promise<void> {
  await Promise.all((await childrenOf(client, path)).map((child) => remove(client, child)));
  await client.delete(path).catch(unlessGone);
}

async function childrenOf(client: ZkClient, path: string): Promise<readonly string[]> {
  try {
    return (await client.getChildren(path)).children.map((name) => `${path}/${name}`);
  } catch (error) {
    unlessGone(error);
    return [];
  }
}

function unlessGone(error: unknown): void {
  if (!isZkError(error, "NO_NODE")) throw error;
}
