/** The backends of one lane: HTTP servers that do as the story says. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";
import type { Random } from "../../src/base/time.ts";
import { seededRandom } from "../../src/testing/seeded-random.ts";
import type { Backend } from "./demo.ts";
import type { Stopwatch } from "./stopwatch.ts";

export class FakeBackends implements AsyncDisposable {
  readonly #stopwatch: Stopwatch;
  readonly #servers: readonly Server[];
  /** Requests that have reached a backend. */
  asked = 0;

  constructor(backends: readonly Backend[], stopwatch: Stopwatch, seed: number) {
    this.#stopwatch = stopwatch;
    this.#servers = backends.map((backend, at) => {
      const random = seededRandom(seed + at);
      return createServer((request, response) => this.#serve(backend, random, request, response));
    });
  }

  /** Resolves to their ports when all of them listen. */
  async listen(): Promise<readonly number[]> {
    for (const server of this.#servers) await once(server.listen(0, "127.0.0.1"), "listening");
    return this.#servers.map((server) => (server.address() as AddressInfo).port);
  }

  #serve(backend: Backend, random: Random, request: IncomingMessage, response: ServerResponse): void {
    this.asked++;
    request.resume();
    const { afterMs, status = 200 } = backend(this.#stopwatch.storyMs, random);
    const timer = setTimeout(() => {
      if (status === "broken") request.socket.destroy();
      else response.writeHead(status, { "content-length": 2 }).end("ok");
    }, this.#stopwatch.paced(afterMs));
    response.on("close", () => clearTimeout(timer));
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = this.#servers.map((server) => new Promise((resolve) => server.close(resolve)));
    for (const server of this.#servers) server.closeAllConnections();
    await Promise.all(closed);
  }
}
