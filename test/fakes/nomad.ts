/** A Nomad agent on loopback: the part of its HTTP API that lists services, with blocking queries. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo } from "node:net";

export interface FakeRegistration {
  readonly ID: string;
  readonly Address: string;
  readonly Port: unknown;
  readonly Tags?: readonly string[];
}

interface Waiting {
  readonly beyond: number;
  readonly indexOf: () => number;
  readonly answer: () => void;
}

export class FakeNomad implements AsyncDisposable {
  /** By namespace and name. */
  readonly #services = new Map<string, { readonly list: readonly FakeRegistration[]; readonly index: number }>();
  readonly #waiting = new Set<Waiting>();
  readonly #server: Server;
  /** Target and token of each request, in order. */
  readonly asked: { readonly target: string; readonly token: string | undefined }[] = [];
  /** Of every answer instead of what was asked for. */
  refusal: { readonly status: number; readonly body: string } | undefined;
  /** The field that says the index, as it is; or as it is made. */
  indexField: (index: number) => string | undefined = (index) => `${index}`;
  /** The token that must be shown. */
  token: string | undefined;
  #index = 10;

  private constructor(server: Server) {
    this.#server = server;
  }

  static async start(): Promise<FakeNomad> {
    const server = createServer((request, response) => fake.#serve(request, response));
    const fake = new FakeNomad(server);
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  /** How many queries wait for a change. */
  get waiting(): number {
    return this.#waiting.size;
  }

  set(name: string, list: readonly FakeRegistration[], namespace = "default"): void {
    this.#index++;
    const key = `${namespace}/${name}`;
    if (list.length === 0) this.#services.delete(key);
    else this.#services.set(key, { list, index: this.#index });
    this.#wake();
  }

  get(name: string, namespace = "default"): readonly FakeRegistration[] {
    return this.#services.get(`${namespace}/${name}`)?.list ?? [];
  }

  /** The servers were restored from nothing: the same services, and indexes that begin anew. */
  restoreWithLowerIndex(): void {
    this.#index = 1;
    for (const [key, { list }] of this.#services) this.#services.set(key, { list, index: 1 });
    for (const waiting of this.#waiting) waiting.answer();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    const closed = once(this.#server, "close");
    this.#server.close();
    this.#server.closeAllConnections();
    await closed;
  }

  #serve(request: IncomingMessage, response: ServerResponse): void {
    const target = request.url ?? "/";
    const token = request.headers["x-nomad-token"];
    this.asked.push({ target, token: typeof token === "string" ? token : undefined });
    const url = new URL(target, "http://nomad");
    if (this.refusal) return void response.writeHead(this.refusal.status).end(this.refusal.body);
    if (this.token !== undefined && token !== this.token) return void response.writeHead(403).end("Permission denied");
    const namespace = url.searchParams.get("namespace") ?? "default";
    const name = /^\/v1\/service\/(.+)$/.exec(url.pathname)?.[1];
    if (name !== undefined) {
      const key = `${namespace}/${decodeURIComponent(name)}`;
      // As the state store has it, a service that nobody registered has the index of the table.
      return this.#block(
        url,
        response,
        () => this.#services.get(key)?.index ?? this.#index,
        () =>
          (this.#services.get(key)?.list ?? []).map((each) => ({ ...each, Namespace: namespace, Datacenter: "dc1" })),
      );
    }
    if (url.pathname !== "/v1/services") return void response.writeHead(404).end("no such page");
    this.#block(
      url,
      response,
      () => this.#index,
      () => [
        {
          Namespace: namespace,
          Services: [...this.#services.keys()]
            .filter((key) => key.startsWith(`${namespace}/`))
            .map((key) => ({ ServiceName: key.slice(namespace.length + 1), Tags: [] })),
        },
      ],
    );
  }

  #block(url: URL, response: ServerResponse, indexOf: () => number, valueOf: () => unknown): void {
    const answer = (): void => {
      this.#waiting.delete(waiting);
      clearTimeout(timer);
      const index = this.indexField(indexOf());
      if (index !== undefined) response.setHeader("X-Nomad-Index", index);
      response.setHeader("Content-Type", "application/json");
      response.end(JSON.stringify(valueOf()));
    };
    const beyond = Number(url.searchParams.get("index") ?? 0);
    const waitMs = Number(/^(\d+)ms$/.exec(url.searchParams.get("wait") ?? "")?.[1] ?? 0);
    const waiting: Waiting = { beyond, indexOf, answer };
    const timer = setTimeout(answer, waitMs);
    timer.unref();
    if (beyond === 0 || indexOf() > beyond) return answer();
    this.#waiting.add(waiting);
    response.on("close", () => {
      this.#waiting.delete(waiting);
      clearTimeout(timer);
    });
  }

  #wake(): void {
    for (const { beyond, indexOf, answer } of this.#waiting) if (indexOf() > beyond) answer();
  }
}
