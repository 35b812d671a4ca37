/** How large the heap of the control thread may grow: past that the thread dies, and is started anew. */
import { totalmem } from "node:os";

/** Room for the names of a small machine. */
const LEAST_MB = 512;
/** Of 20,000 names with ten endpoints each it takes about a quarter. */
const MOST_MB = 4_096;
/** What workers, kernel and neighbours do not need of a machine. */
const SHARE = 0.25;
const MB = 2 ** 20;

/** What the file says, else a share of `memoryMb`. The limit is there so that what eats memory ends a thread and not the process. */
export function controlHeapMb(asked: number | undefined, memoryMb = memoryOfThis()): number {
  return asked ?? Math.round(Math.min(MOST_MB, Math.max(LEAST_MB, memoryMb * SHARE)));
}

/** Of this host, or what its control group leaves this process. */
function memoryOfThis(): number {
  const constrained = process.constrainedMemory();
  const total = totalmem();
  return (constrained > 0 ? Math.min(constrained, total) : total) / MB;
}
