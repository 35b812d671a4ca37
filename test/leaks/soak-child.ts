/** A daemon in a process of its own, which tells what it holds after a collection. Arguments: its file, how many workers. */
import { setTimeout } from "node:timers/promises";
import { start } from "../../src/index.ts";
import { heapInUse } from "../e2e/heap.ts";
import { workerHeaps } from "./worker-heaps.ts";

/** What the daemon is asked. */
export type Question = "resources" | "close";

/** What it says by itself. */
export interface Started {
  /** In the order of the file. */
  readonly ports: readonly number[];
  readonly adminPort: number;
}

export interface Resources {
  /** Of this thread, then of the control thread and each worker, bytes. */
  readonly heaps: readonly number[];
  readonly rss: number;
  /** Memory outside of the heap that its objects hold, bytes. */
  readonly external: number;
  /** What keeps this thread's loop going, by kind, sorted. */
  readonly active: readonly string[];
}

const [file = "", workers = "0"] = process.argv.slice(2);

const daemon = await start({
  file,
  workers: Number(workers),
  writeLog: (line) => void process.stderr.write(`${line}\n`),
});

const tell = (what: object): void => void process.send?.(what);

async function answer(question: Question): Promise<void> {
  if (question === "close") {
    await daemon.close();
    process.disconnect?.();
    return;
  }
  const heaps = [await heapInUse(), ...(await workerHeaps())];
  const { rss, external } = process.memoryUsage();
  tell({ heaps, rss, external, active: await activeBetweenLooks() } satisfies Resources);
}

/** Files are looked at each second, which takes a moment: what goes on for all of these tries is no such look. */
async function activeBetweenLooks(): Promise<readonly string[]> {
  for (let tries = 0; ; tries++) {
    const active = process.getActiveResourcesInfo().sort();
    if (tries === 100 || !active.some((each) => each.startsWith("FSReq"))) return active;
    await setTimeout(20);
  }
}

process.on("message", (question: Question) => void answer(question));
process.on("disconnect", () => process.exit(0));
tell({ ports: daemon.servers.map(({ port }) => port), adminPort: daemon.admin.port } satisfies Started);
