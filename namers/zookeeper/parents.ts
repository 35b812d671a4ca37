/** Makes the nodes that entries stand below, as those who write beside us make them. */
import type { ZkClient } from "./client.ts";
import type { CreateMode } from "./operations.ts";
import { isZkError } from "./zk-error.ts";

const NOTHING = Buffer.alloc(0);
/** A container may be swept between two steps; who is swept so often has an enemy. */
const MOST_TRIES = 5;

/** `container`: the servers remove what has lost its last child; servers before 3.5 have only persistent nodes. */
export type ParentMode = Extract<CreateMode, "container" | "persistent">;

/** Resolves when `path` was there. */
export async function makeParents(client: ZkClient, path: string, mode: ParentMode): Promise<void> {
  for (let tries = 1; ; tries++) {
    try {
      await client.create(path, NOTHING, mode);
      return;
    } catch (error) {
      if (isZkError(error, "NODE_EXISTS")) return;
      if (mode === "container" && isZkError(error, "UNIMPLEMENTED")) return makeParents(client, path, "persistent");
      if (!isZkError(error, "NO_NODE") || path.lastIndexOf("/") <= 0 || tries === MOST_TRIES) throw error;
      await makeParents(client, path.slice(0, path.lastIndexOf("/")), mode);
    }
  }
}
