/** A small HTTP backend that answers with its own name, and can be slow, or die. */
import { type Server, createServer } from "node:http";
import type { AddressInfo } from "node:net";

export interface Backend extends AsyncDisposable {
  readonly name: string;
  readonly host: string;
  readonly port: number;
  readonly requests: number;
  /** Ever made. */
  readonly connections: number;
  delayMs: number;
  /** Closes the listener and cuts every connection, as a kill does. */
  die(): Promise<void>;
}

class NodeBackend implements Backend {
  readonly name: string;
  delayMs: number;
  requests = 0;
  connections = 0;
  readonly #server: Server;

  constructor(name: string, delayMs: number) {
    this.name = name;
    this.delayMs = delayMs;
    this.#server = createServer({ keepAliveTimeout: 600_000 }, (request, response) => {
      this.requests++;
      request.resume();
      const answer = (): unknown => response.end(name);
      if (this.delayMs > 0) setTimeout(answer, this.delayMs);
      else answer();
    });
    this.#server.on("connection", () => this.connections++);
  }

  get host(): string {
    return (this.#server.address() as AddressInfo).address;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  listen(port: number, host: string): Promise<void> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(port, host, resolve);
    });
  }

  async die(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise((resolve) => this.#server.close(resolve));
    this.#server.closeAllConnections();
    await closed;
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.die();
  }
}

export async function startBackend(
  name: string,
  options: { delayMs?: number; port?: number; host?: string } = {},
): Promise<Backend> {
  const backend = new NodeBackend(name, options.delayMs ?? 0);
  await backend.listen(options.port ?? 0, options.host ?? "127.0.0.1");
  return backend;
}
