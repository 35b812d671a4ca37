/** Many creations and deletions as a few transactions, none so large that a server could not read its own log again. */
import type { ZkClient } from "./client.ts";
import { type MultiOperation, type MultiResult, ZkMultiError } from "./multi.ts";
import { isZkError } from "./zk-error.ts";

/** A server 3.8 that wrote a transaction of 2 MB never starts again (ZOOKEEPER-4306). */
const MOST_BATCH_BYTES = 128 * 1024;
const MOST_BATCH_OPERATIONS = 250;
/** What is around a path and its data in a transaction and in its answer. */
const OPERATION_BYTES = 100;
/** So many times a batch is tried without what was its obstacle; then each of it goes by itself. */
const MOST_OBSTACLES = 3;

/** What became of one of many. */
export type Outcome = { readonly at: string } | { readonly error: Error };

/** In their order, in parts that are each small enough for one transaction. */
export function inBatches<T>(items: readonly T[], bytesOf: (item: T) => number): readonly (readonly T[])[] {
  const batches: T[][] = [];
  let room = 0;
  for (const item of items) {
    const bytes = bytesOf(item) + OPERATION_BYTES;
    let batch = batches.at(-1);
    if (batch === undefined || bytes > room || batch.length >= MOST_BATCH_OPERATIONS) {
      batch = [];
      batches.push(batch);
      room = MOST_BATCH_BYTES;
    }
    batch.push(item);
    room -= bytes;
  }
  return batches;
}

/** Deletes all, of any version. A node that is not there counts as deleted. */
export async function deleteAll(client: ZkClient, paths: readonly string[]): Promise<readonly Outcome[]> {
  const outcomes: Outcome[] = [];
  for (const batch of inBatches(paths, (path) => Buffer.byteLength(path))) {
    const failed = await deleteBatch(client, batch);
    outcomes.push(...batch.map((path) => failedOr(failed.get(path), path)));
  }
  return outcomes;
}

const failedOr = (error: Error | undefined, at: string): Outcome => (error === undefined ? { at } : { error });

/** Those that could not be deleted, and why. */
async function deleteBatch(client: ZkClient, batch: readonly string[]): Promise<ReadonlyMap<string, Error>> {
  let left = batch;
  for (let obstacles = 0; left.length > 1 && obstacles < MOST_OBSTACLES; obstacles++) {
    try {
      await client.multi(left.map((path): MultiOperation => ({ kind: "delete", path })));
      return new Map();
    } catch (error) {
      if (!(error instanceof ZkMultiError)) return new Map(left.map((path) => [path, error as Error]));
      if (error.code !== "NO_NODE") break;
      left = left.toSpliced(error.at, 1);
    }
  }
  const errors = await Promise.all(left.map((path) => deleteOne(client, path)));
  return new Map(left.flatMap((path, at) => (errors[at] === undefined ? [] : [[path, errors[at]]])));
}

async function deleteOne(client: ZkClient, path: string): Promise<Error | undefined> {
  try {
    await client.delete(path);
    return undefined;
  } catch (error) {
    return isZkError(error, "NO_NODE") ? undefined : (error as Error);
  }
}

/** The paths that were made; rejects with the multi's error, and nothing was done. */
export async function createTogether(client: ZkClient, batch: readonly MultiOperation[]): Promise<readonly string[]> {
  const results: readonly MultiResult[] = await client.multi(batch);
  return results.map((result, at) => result.path ?? batch[at]?.path ?? "");
}
