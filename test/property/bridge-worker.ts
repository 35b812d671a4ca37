/** A thread that runs worlds of a bridge one after another, and tells of those that broke a law. */
import { parentPort, workerData } from "node:worker_threads";
import { BridgeWorld } from "./bridge-world.ts";

export interface Shard {
  readonly from: number;
  readonly worlds: number;
  readonly steps: number;
}

export interface Broken {
  readonly seed: number;
  readonly why: string;
}

const { from, worlds, steps } = workerData as Shard;
for (let seed = from; seed < from + worlds; seed++) {
  const broken = await new BridgeWorld(seed).run(steps).then(
    () => undefined,
    (error: unknown): Broken => ({ seed, why: String(error) }),
  );
  // oxlint-disable-next-line unicorn/require-post-message-target-origin -- a thread's port has none
  if (broken) parentPort?.postMessage(broken);
}
