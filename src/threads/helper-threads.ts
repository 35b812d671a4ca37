/** The threads of V8 that compile and collect beside ours: they give way to those that serve. */
import { readdirSync, readFileSync } from "node:fs";
import { setPriority } from "node:os";

/** Linux lets a thread be told alone; elsewhere it is the whole process, or nothing. */
const THREADS = "/proc/self/task";
const HELPER = "node-V8Worker";
/**
 * As of `nice`: a third of the weight. A thread that wakes to serve takes the core from one that compiles, where it
 * waited up to a tick of the kernel (4 ms) otherwise; and what is hot is compiled also while the host has no time.
 */
const BEHIND = 5;

/** Does nothing where the system does not show threads, or lets nobody lower them: that costs latency, and nothing else. */
export function lowerHelperThreads(): void {
  try {
    for (const thread of readdirSync(THREADS)) if (isHelper(thread)) setPriority(Number(thread), BEHIND);
  } catch {
    return;
  }
}

const isHelper = (thread: string): boolean => readFileSync(`${THREADS}/${thread}/comm`, "latin1").trim() === HELPER;
