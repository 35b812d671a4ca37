/** Tells its parent each time a request is due, to a tenth of a ms, which a timer of an event loop cannot. */
import { parentPort, workerData } from "node:worker_threads";

const between = workerData as number;
const nobody = new Int32Array(new SharedArrayBuffer(4));
let due = performance.now();
for (;;) {
  due += between;
  const left = due - performance.now();
  if (left > 0) Atomics.wait(nobody, 0, 0, left);
  parentPort?.postMessage(0, []);
}
