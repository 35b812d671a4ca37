/** Curator and Kubernetes, mirrored into each other in every trouble: nothing is wrongly deleted or echoed, and all agrees in the end. */
import assert from "node:assert/strict";
import { availableParallelism } from "node:os";
import { test } from "node:test";
import { Worker } from "node:worker_threads";
import type { Broken, Shard } from "./bridge-worker.ts";

const WORLDS = process.env["LINKSPAN_TESTS"] === "long" ? 10_000 : 200;
const STEPS = 12;
const THREADS = Math.min(4, availableParallelism());

/** One world alone: `LINKSPAN_SEED` with its number, as a failure says it. */
const told = process.env["LINKSPAN_SEED"];
const first = told === undefined ? Math.floor(Math.random() * 2 ** 30) : Number(told);

async function brokenIn(shard: Shard): Promise<readonly Broken[]> {
  const worker = new Worker(new URL("bridge-worker.ts", import.meta.url), { workerData: shard });
  const broken: Broken[] = [];
  worker.on("message", (each: Broken) => broken.push(each));
  await new Promise<void>((resolve, reject) => {
    worker.once("error", reject);
    worker.once("exit", () => resolve());
  });
  return broken;
}

test("the laws of mirrors hold in both directions over both protocols", { timeout: 1_700_000 }, async (t) => {
  t.diagnostic(`from seed ${first}`);
  const each = told === undefined ? Math.ceil(WORLDS / THREADS) : 1;
  const shards = Array.from({ length: told === undefined ? THREADS : 1 }, (_, at) => ({
    from: first + at * each,
    worlds: each,
    steps: STEPS,
  }));
  const broken = (await Promise.all(shards.map(brokenIn))).flat();
  const [one] = broken;
  assert.equal(broken.length, 0, `${broken.length} worlds; with LINKSPAN_SEED=${one?.seed}: ${one?.why}`);
});
