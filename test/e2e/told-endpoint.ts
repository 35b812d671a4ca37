/** An endpoint that answers as a test tells it, and a caller that takes one answer whole. */
import {
  type Agent,
  createServer,
  type IncomingHttpHeaders,
  request as ask,
  type Server,
  type ServerResponse,
} from "node:http";
import type { AddressInfo } from "node:net";
import { buffer } from "node:stream/consumers";
import type { TestDaemon } from "./daemon.ts";

export interface Answer {
  readonly status: number;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** An endpoint that answers as it is told, and remembers what it was asked. */
export class Endpoint implements AsyncDisposable {
  readonly seen: IncomingHttpHeaders[] = [];
  answer: (response: ServerResponse) => void = (response) => void response.end("ok");
  readonly #server: Server = createServer((request, response) => {
    this.seen.push(request.headers);
    request.resume();
    this.answer(response);
  });

  static async start(): Promise<Endpoint> {
    const endpoint = new Endpoint();
    await new Promise<void>((resolve) => void endpoint.#server.listen(0, "127.0.0.1", resolve));
    return endpoint;
  }

  /** Connections that are open. */
  get connections(): Promise<number> {
    return new Promise((resolve) => void this.#server.getConnections((_, count) => void resolve(count)));
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#server.closeAllConnections();
    await new Promise((resolve) => this.#server.close(resolve));
  }
}

/** By a connection of its own, unless `options` has an agent; with `body` it is a POST. */
export function get(
  { port }: Pick<TestDaemon, "port">,
  headers: Readonly<Record<string, string>>,
  path = "/",
  { body, agent = false }: { readonly body?: string; readonly agent?: Agent | false } = {},
): Promise<Answer> {
  return new Promise((resolve, reject) => {
    const method = body === undefined ? "GET" : "POST";
    const options = { host: "127.0.0.1", port, path, headers, agent, method };
    ask(options, (response) => {
      buffer(response).then(
        (whole) => resolve({ status: response.statusCode ?? 0, headers: response.headers, body: whole }),
        reject,
      );
    })
      .on("error", reject)
      .end(body);
  });
}
