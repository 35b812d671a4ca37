/** One life of one thread, seen from the main thread. */
import { type ResourceLimits, type Transferable, Worker } from "node:worker_threads";
import type { FromMain, Listening, ThreadError, ToMain } from "./protocol.ts";

/** What a thread said of why it cannot start. */
export class ThreadNotStarted extends Error {
  override readonly name = "ThreadNotStarted";
  readonly why: ThreadError;
  constructor(why: ThreadError) {
    super(why.message);
    this.why = why;
  }
}

export interface ThreadOptions {
  /** For people: `control`, `worker 0`. */
  readonly name: string;
  readonly entry: URL;
  readonly resourceLimits: ResourceLimits;
  /** Hears everything but how it started: of `failed` that what came after cannot be. */
  readonly heard: (message: ToMain) => void;
  /** It has ended; `cause` unless it was asked to. */
  readonly ended: (cause: Error | undefined) => void;
}

export class Thread {
  readonly name: string;
  /** Resolves with the servers that it listens with; rejects with ThreadNotStarted, or with why it ended. */
  readonly ready: Promise<readonly Listening[]>;
  /** Resolves when nothing of it is left. */
  readonly ended: Promise<void>;
  readonly #worker: Worker;
  #closing = false;

  constructor(options: ThreadOptions) {
    const { name, entry, resourceLimits, heard } = options;
    this.name = name;
    const worker = new Worker(entry, { name, resourceLimits });
    this.#worker = worker;
    const ready = Promise.withResolvers<readonly Listening[]>();
    const ended = Promise.withResolvers<void>();
    this.ready = ready.promise;
    this.ended = ended.promise;
    // Who started it hears of its end by `ended`, also when nobody waits for it to be ready.
    this.ready.catch(() => undefined);
    let cause: Error | undefined;
    let isReady = false;
    worker.on("message", (message: ToMain) => {
      if (message.type === "ready") {
        isReady = true;
        ready.resolve(message.servers);
      } else if (message.type === "failed" && !isReady) ready.reject(new ThreadNotStarted(message.error));
      else heard(message);
    });
    worker.on("error", (error) => (cause = error instanceof Error ? error : new Error(String(error))));
    worker.on("exit", (code) => {
      const why = cause ?? new Error(`the thread ended with ${code}`);
      ready.reject(why);
      ended.resolve();
      options.ended(this.#closing ? undefined : why);
    });
  }

  tell<Start>(message: FromMain<Start>, transfer: readonly Transferable[] = []): void {
    this.#worker.postMessage(message, transfer);
  }

  /** Asks it to finish within `graceMs`, rounded up. It ends by itself, or is ended when `deadline` aborts. */
  async close(graceMs: number, deadline: AbortSignal): Promise<void> {
    this.#closing = true;
    const cut = (): void => void this.#worker.terminate();
    deadline.addEventListener("abort", cut, { once: true });
    if (deadline.aborted) cut();
    else this.tell({ type: "close", graceMs: Math.ceil(graceMs) });
    await this.ended;
    deadline.removeEventListener("abort", cut);
  }

  /** Ends it now, as a defect would. */
  async terminate(): Promise<void> {
    await this.#worker.terminate();
  }
}
