/** A Eureka on loopback: the reading half of its HTTP API, with the verbs of trouble. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";

export interface FakeInstance {
  readonly instanceId: string;
  readonly ipAddr: string;
  readonly port: unknown;
  readonly status: string;
  readonly metadata?: object;
}

export class FakeEureka implements AsyncDisposable {
  /** By name in upper case, as Eureka keeps them. */
  readonly apps = new Map<string, readonly FakeInstance[]>();
  /** Whether every question is answered by 500. */
  refuses = false;
  #server: Server | undefined;
  #port = 0;
  readonly #sockets = new Set<Socket>();
  #parked: (() => void)[] | undefined;

  static async start(): Promise<FakeEureka> {
    const eureka = new FakeEureka();
    await eureka.up();
    return eureka;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  async up(): Promise<void> {
    if (this.#server) return;
    const server = createServer((request, response) => {
      if (this.#parked) this.#parked.push(() => this.#answer(request, response));
      else this.#answer(request, response);
    });
    server.on("connection", (socket) => {
      this.#sockets.add(socket);
      socket.on("close", () => this.#sockets.delete(socket));
    });
    this.#server = server;
    server.listen(this.#port, "127.0.0.1");
    await once(server, "listening");
    this.#port = (server.address() as AddressInfo).port;
  }

  async down(): Promise<void> {
    const server = this.#server;
    this.#server = undefined;
    if (!server) return;
    const closed = once(server, "close");
    server.close();
    this.reset();
    await closed;
  }

  reset(): void {
    for (const socket of this.#sockets) socket.resetAndDestroy();
  }

  stall(): void {
    this.#parked ??= [];
  }

  resume(): void {
    const parked = this.#parked ?? [];
    this.#parked = undefined;
    for (const answer of parked) answer();
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.down();
  }

  #answer(request: IncomingMessage, response: ServerResponse): void {
    const json = (value: unknown): void => {
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify(value));
    };
    if (this.refuses) return void response.writeHead(500).end();
    const [, name] = /^\/eureka\/apps(?:\/(.+))?$/.exec(request.url ?? "") ?? [];
    if (name === undefined) {
      const all = [...this.apps].map(([app, instances]) => ({ name: app, instance: instances }));
      return json({ applications: { application: all } });
    }
    const instances = this.apps.get(name);
    if (!instances) return void response.writeHead(404).end();
    // As old servers have it, one is no list.
    json({ application: { name, instance: instances.length === 1 ? instances[0] : instances } });
  }
}
