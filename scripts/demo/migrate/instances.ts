/** Instances of the walk-through: each answers with its name, or with 503 while it is to fail. */
import { once } from "node:events";
import { createServer, type Server } from "node:http";
import { setTimeout as letPass } from "node:timers/promises";
import type { Running } from "./stage.ts";

/** Whoever opens something gives it to one, which ends it. */
export type AsyncStack = AsyncDisposableStack;

/** What it takes to answer, as an application would. */
const ANSWER_MS = 5;
/** What was withdrawn goes on serving for so long, for whoever heard of it late. */
export const GRACE_MS = 1_500;

export class AnsweringInstance implements AsyncDisposable {
  readonly name: string;
  fails = false;
  readonly #server: Server;

  constructor(name: string) {
    this.name = name;
    this.#server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
      request.resume();
      response.statusCode = this.fails ? 503 : 200;
      setTimeout(() => response.end(name), ANSWER_MS);
    });
  }

  get port(): number {
    const address = this.#server.address();
    return typeof address === "object" && address !== null ? address.port : 0;
  }

  /** Port 0: any that is free. */
  async listen(host: string, port: number): Promise<void> {
    this.#server.listen(port, host);
    await once(this.#server, "listening");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }
}

/** Ends it as a deployment does: no new callers first, then it. */
export function running(instance: AnsweringInstance, withdraw: () => Promise<void>): Running {
  return {
    name: instance.name,
    fail: (fails) => void (instance.fails = fails),
    async stop() {
      await withdraw();
      await letPass(GRACE_MS);
      await instance[Symbol.asyncDispose]();
    },
  };
}
