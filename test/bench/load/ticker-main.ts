/** Tells its parent each time a request is due, to a tenth of a ms, which a timer of an event loop cannot. */
import { parentPort, workerData } from "node:worker_threads";

export interface Rhythm {
  /** When the first is due: since 1970, since each thread has an origin of its own for the times of its clock. */
  readonly from: number;
  readonly warmingMs: number;
  readonly warmingBetween: number;
  readonly between: number;
}

const { from, warmingMs, warmingBetween, between } = workerData as Rhythm;
const nobody = new Int32Array(new SharedArrayBuffer(4));
const measuredFrom = from + warmingMs;
let due = from;
for (;;) {
  due += due < measuredFrom ? warmingBetween : between;
  const left = due - performance.timeOrigin - performance.now();
  if (left > 0) Atomics.wait(nobody, 0, 0, left);
  parentPort?.postMessage(0, []);
}
