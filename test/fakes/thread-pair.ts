/** The naming of a control thread and of a worker in one thread: what they say is cloned, and passes when the test says so. */
import type { Interpreter } from "../../src/naming/interpreter.ts";
import type { Path } from "../../src/naming/path.ts";
import { Binder } from "../../src/threads/binder.ts";
import type { BindingBatch, BindingRequest } from "../../src/threads/protocol.ts";
import { RemoteBindings } from "../../src/threads/remote-interpreter.ts";

export class ThreadPair {
  readonly remote = new RemoteBindings();
  /** All that the worker has asked, and been sent. */
  readonly requests: BindingRequest[] = [];
  readonly batches: BindingBatch[] = [];
  readonly unreachable: string[] = [];
  binder: Binder | undefined;
  #toControl: BindingRequest[] = [];
  #toWorker: BindingBatch[] = [];

  /** A control thread, in place of the one before. */
  start(interpreter: Interpreter): Binder {
    this.stop();
    const binder = new Binder({
      interpreterFor: () => interpreter,
      unreachable: (id: Path) => void this.unreachable.push(id.show),
      send: (batch) => {
        this.batches.push(batch);
        this.#toWorker.push(structuredClone(batch));
      },
    });
    this.binder = binder;
    this.remote.attach((request) => {
      this.requests.push(request);
      this.#toControl.push(structuredClone(request));
    });
    return binder;
  }

  /** The control thread dies, and what was on its way with it. */
  stop(): void {
    this.binder?.[Symbol.dispose]();
    this.binder = undefined;
    this.remote.detach();
    this.#toControl = [];
    this.#toWorker = [];
  }

  /** Lets one message of each side arrive; false when nothing was on its way. */
  async pass(): Promise<boolean> {
    await Promise.resolve();
    const request = this.#toControl.shift();
    if (request !== undefined) this.binder?.hear(request);
    const batch = this.#toWorker.shift();
    if (batch !== undefined) this.remote.hear(batch);
    await Promise.resolve();
    return request !== undefined || batch !== undefined || this.#toControl.length + this.#toWorker.length > 0;
  }

  /** Until nothing is on its way. */
  async settle(): Promise<void> {
    while (await this.pass());
  }
}
