/** A daemon's door: where it is asked to hand its listening sockets over. In the main thread, and small for that. */
import { once } from "node:events";
import net from "node:net";
import type { Log } from "../base/log.ts";
import type { Clock } from "../base/time.ts";
import { JsonLines, readRequest, type SuccessionNews, type SuccessionRequest } from "./messages.ts";
import { type Sockets, startSuccessor } from "./successor.ts";

export interface DoorOptions {
  readonly path: string;
  readonly sockets: () => Sockets;
  readonly clock: Clock;
  readonly log: Log;
  readonly withinMs?: number;
}

/** Plugins are loaded, registries are asked: not more than the first requests would wait for. */
const READY_MS = 30_000;
/** How long somebody at the door may take to say what is wanted. */
const ASK_MS = 5_000;

export class Door implements AsyncDisposable {
  /** Resolves when a successor serves: then this process drains. */
  readonly succeeded: Promise<void>;
  readonly #server: net.Server;
  readonly #options: DoorOptions;
  readonly #callers = new Set<net.Socket>();
  #isBusy = false;
  #succeed: () => void;

  private constructor(options: DoorOptions) {
    this.#options = options;
    const succeeded = Promise.withResolvers<void>();
    this.succeeded = succeeded.promise;
    this.#succeed = succeeded.resolve;
    this.#server = net.createServer((socket) => this.#answer(socket));
  }

  /** Rejects with the system's error where no socket can be made there. */
  static async open(options: DoorOptions): Promise<Door> {
    const door = new Door(options);
    door.#server.listen(options.path);
    await once(door.#server, "listening");
    door.#server.on("error", () => undefined);
    door.#server.unref();
    return door;
  }

  /** The socket's file goes with it. */
  async [Symbol.asyncDispose](): Promise<void> {
    const closed = new Promise<void>((resolve) => void this.#server.close(() => resolve()));
    for (const caller of this.#callers) caller.destroySoon();
    await closed;
  }

  #answer(socket: net.Socket): void {
    this.#callers.add(socket);
    const { clock, log } = this.#options;
    const patience = clock.timer(ASK_MS, () => socket.destroy());
    const say = (news: SuccessionNews): void => void socket.write(`${JSON.stringify(news)}\n`);
    const lines = new JsonLines((value) => {
      patience[Symbol.dispose]();
      void this.#handOver(readRequest(value), say).then(() => socket.end());
    });
    socket.on("error", (error) => log.debug("takeover.unanswered", { cause: error.message }));
    socket.on("close", () => {
      patience[Symbol.dispose]();
      this.#callers.delete(socket);
    });
    socket.setEncoding("utf8").on("data", (text: string) => {
      try {
        lines.feed(text);
      } catch (error) {
        say({ type: "failed", cause: (error as Error).message });
        socket.end();
      }
    });
  }

  async #handOver(request: SuccessionRequest, say: (news: SuccessionNews) => void): Promise<void> {
    if (this.#isBusy) return say({ type: "failed", cause: "another take-over is under way" });
    this.#isBusy = true;
    const { sockets, clock, log, withinMs = READY_MS } = this.#options;
    const started = (pid: number): void => {
      log.info("takeover.started", { pid });
      say({ type: "started", pid });
    };
    try {
      const pid = await startSuccessor({ request, sockets: sockets(), clock, withinMs, started });
      log.info("takeover.finished", { pid });
      say({ type: "ready", pid });
      this.#succeed();
    } catch (error) {
      const cause = (error as Error).message;
      log.error("takeover.failed", { cause });
      say({ type: "failed", cause });
      this.#isBusy = false;
    }
  }
}
