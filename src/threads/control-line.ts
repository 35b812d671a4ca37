/** A worker's end of its channel to the control thread: what may lie in it unread is bounded. */
import type { MessagePort } from "node:worker_threads";
import type { ToControl, ToWorker } from "./protocol.ts";

export interface ControlLineParts {
  hear(message: ToWorker): void;
  /** The control thread lives, and has missed something: it is to be told everything again, from the start. */
  missed(): void;
  /** The other end is gone. */
  closed(): void;
}

/** A control thread that says nothing while so much was said to it is busy with something else, or stuck. */
const MAX_UNHEARD = 50_000;

/** Where the control thread does not read, what is said to it is dropped, until it says something itself. */
export class ControlLine implements Disposable {
  readonly #port: Pick<MessagePort, "postMessage" | "close">;
  readonly #maxUnheard: number;
  #unheard = 0;
  #hasDropped = false;
  #isOpen = true;

  constructor(port: MessagePort, parts: ControlLineParts, maxUnheard = MAX_UNHEARD) {
    this.#port = port;
    this.#maxUnheard = maxUnheard;
    port.on("message", (message: ToWorker) => {
      if (!this.#isOpen) return;
      this.#unheard = 0;
      parts.hear(message);
      if (!this.#hasDropped) return;
      this.#hasDropped = false;
      parts.missed();
    });
    port.on("close", () => {
      if (this.#isOpen) parts.closed();
      this.#isOpen = false;
    });
  }

  say(message: ToControl): void {
    if (this.#unheard >= this.#maxUnheard) this.#hasDropped = true;
    if (this.#hasDropped) return;
    this.#unheard++;
    this.#port.postMessage(message, []);
  }

  /** Another control thread takes its place. */
  [Symbol.dispose](): void {
    this.#isOpen = false;
    this.#port.close();
  }
}
