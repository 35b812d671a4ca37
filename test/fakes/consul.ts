/** An agent of Consul that speaks its HTTP API on a real socket, and does what tests order it to. */
import { once } from "node:events";
import { createServer, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import type { AddressInfo, Socket } from "node:net";
import { text } from "node:stream/consumers";
import { ConsulKv } from "./consul-kv.ts";
import { ConsulLocalAgent } from "./consul-local-agent.ts";
import { ConsulSessions } from "./consul-sessions.ts";
import {
  ConsulCatalogue,
  type Deregistration,
  type Registration,
  type ServiceRecord,
  type CheckRecord,
} from "./consul-catalogue.ts";

interface Waiting {
  readonly over: () => void;
  readonly timer: NodeJS.Timeout;
}

interface NodeSet {
  readonly Node: string;
  readonly Address?: string;
  readonly Meta?: Readonly<Record<string, string>>;
}

/** One transaction's operation, as much of it as is known here. */
interface Operation {
  readonly Node?: { readonly Verb: string; readonly Node: NodeSet };
  readonly Service?: { readonly Verb: string; readonly Node: string; readonly Service: ServiceRecord };
  readonly Check?: { readonly Verb: string; readonly Check: CheckRecord & { readonly Node: string } };
}

/** How an answer is spoiled: `undefined` leaves it as it is. */
export interface Spoiling {
  readonly status?: number;
  readonly body?: string;
  /** `undefined` leaves the header out. */
  readonly index?: string | undefined;
  readonly headers?: Readonly<Record<string, string>>;
  /** Ends the connection after so many bytes of the body. */
  readonly cutAfter?: number;
}

export class FakeConsul implements AsyncDisposable {
  readonly catalogue = new ConsulCatalogue(() => this.#wake());
  readonly kv = new ConsulKv(() => this.#wake());
  /** What is registered with this agent, and not only in the catalogue. */
  readonly local = new ConsulLocalAgent(this.catalogue);
  readonly sessions = new ConsulSessions(this.kv);
  /** Every question that came, with its query. */
  readonly asked: string[] = [];
  /** The tokens that came. */
  readonly tokens = new Set<string | undefined>();
  datacenter = "dc1";
  domain: string | undefined = undefined;
  /** Of answers to questions for which it gives something. */
  spoil: ((path: string, request: IncomingMessage) => Spoiling | undefined) | undefined;
  /** Without a token that is in here everything is empty, as default-deny policies have it; `undefined`: no ACLs. */
  allowed: ReadonlySet<string> | undefined;
  /** No question waits: each is answered at once. */
  answersAtOnce = false;
  /** More are cut as they come. */
  mostConnections = 200;
  mostSeen = 0;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #waiting = new Set<Waiting>();
  #isStalled = false;
  readonly #stalled: (() => void)[] = [];

  private constructor() {
    this.#server = createServer((request, response) => void this.#answer(request, response));
    this.#server.keepAliveTimeout = 0;
    this.#server.on("connection", (socket: Socket) => this.#connected(socket));
  }

  static async start(): Promise<FakeConsul> {
    const fake = new FakeConsul();
    fake.#server.listen(0, "127.0.0.1");
    await once(fake.#server, "listening");
    return fake;
  }

  get port(): number {
    return (this.#server.address() as AddressInfo).port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** How many questions wait for a change. */
  get waiting(): number {
    return this.#waiting.size;
  }

  /** Takes questions and answers none of them. */
  stall(): void {
    this.#isStalled = true;
  }

  resume(): void {
    this.#isStalled = false;
    for (const go of this.#stalled.splice(0)) go();
  }

  /** Ends every connection. */
  cut(): void {
    for (const socket of this.#sockets) socket.destroy();
  }

  /** Ends every waiting question without a change. */
  wakeAll(): void {
    this.#wake();
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const { timer } of this.#waiting) clearTimeout(timer);
    this.#waiting.clear();
    this.local[Symbol.dispose]();
    this.sessions[Symbol.dispose]();
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }

  #connected(socket: Socket): void {
    if (this.#sockets.size >= this.mostConnections) return void socket.resetAndDestroy();
    this.#sockets.add(socket);
    this.mostSeen = Math.max(this.mostSeen, this.#sockets.size);
    socket.once("close", () => this.#sockets.delete(socket));
  }

  #wake(): void {
    for (const { over, timer } of this.#waiting) {
      clearTimeout(timer);
      over();
    }
  }

  async #answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const url = new URL(request.url ?? "/", "http://consul");
    const body = await text(request).catch(() => "");
    const token = request.headers["x-consul-token"] as string | undefined;
    this.asked.push(request.url ?? "");
    this.tokens.add(token);
    if (this.#isStalled) await new Promise<void>((resolve) => this.#stalled.push(resolve));
    const spoiling = this.spoil?.(url.pathname, request);
    if (spoiling?.status !== undefined) return send(response, spoiling.status, spoiling.body ?? "spoiled", spoiling);
    if (url.pathname.startsWith("/v1/kv/")) return this.#key(url, request.method, body, token, response);
    if (request.method !== "GET") return send(response, ...this.#write(url.pathname, body, token), spoiling);
    const said = this.#saidAtOnce(url.pathname);
    if (said !== undefined) return send(response, 200, JSON.stringify(said), spoiling);
    const dc = url.searchParams.get("dc");
    if (dc !== null && dc !== this.datacenter) return send(response, 500, "No path to datacenter", { index: "1" });
    if (url.pathname === "/v1/agent/self") return send(response, ...this.#self(token), spoiling);
    const read = this.#reader(url, token);
    if (read === undefined) return send(response, 404, "404 page not found", spoiling);
    await this.#untilDue(url, read, response);
    const { index, value } = read();
    // What waited is spoiled by what is ordered when it is answered.
    const late = this.spoil?.(url.pathname, request);
    const status = late?.status ?? 200;
    send(response, status, status === 200 ? JSON.stringify(value) : "spoiled", { index: String(index), ...late });
  }

  /** The KV store, as much of it as holds one text under a key. */
  async #key(
    url: URL,
    method: string | undefined,
    body: string,
    token: string | undefined,
    response: ServerResponse,
  ): Promise<void> {
    const key = decodeURIComponent(url.pathname.slice("/v1/kv/".length));
    if (this.allowed && !this.allowed.has(token ?? "")) return send(response, 403, "Permission denied");
    if (method !== "GET") return send(response, ...this.#writeKey(url, key, method === "DELETE" ? undefined : body));
    const isTree = url.searchParams.has("recurse");
    const read = (): { readonly index: number } => ({
      index: isTree ? this.kv.below(key).index : this.kv.indexOf(key),
    });
    await this.#untilDue(url, read, response);
    // What waited is spoiled by what is ordered when it is answered.
    const late = this.spoil?.(url.pathname, { method } as IncomingMessage);
    const keys = isTree ? this.kv.below(key).keys : this.kv.read(key) === undefined ? [] : [key];
    const status = late?.status ?? (keys.length === 0 ? 404 : 200);
    const entries = JSON.stringify(keys.map((each) => this.#entryOf(each)));
    const isText = keys.length === 0 || url.searchParams.has("raw");
    send(response, status, isText ? (this.kv.read(key) ?? "") : entries, { index: String(read().index), ...late });
  }

  #entryOf(key: string): object {
    const value = Buffer.from(this.kv.read(key) ?? "").toString("base64");
    return { Key: key, Value: value, ModifyIndex: this.kv.indexOf(key), Session: this.kv.holder(key) };
  }

  #writeKey({ searchParams }: URL, key: string, text: string | undefined): [number, string] {
    const [acquiring, releasing] = [searchParams.get("acquire"), searchParams.get("release")];
    if (acquiring !== null) {
      if (!this.sessions.has(acquiring)) return [500, `invalid session "${acquiring}"`];
      return [200, String(this.kv.acquire(key, text ?? "", acquiring))];
    }
    const index = searchParams.get("cas");
    if (index !== null) return [200, String(this.kv.compareAndSet(key, text ?? "", Number(index)))];
    if (releasing === null) this.kv.write(key, text);
    else this.kv.release(releasing);
    return [200, "true"];
  }

  /** What is no question to the servers, or one that nobody waits for. */
  #saidAtOnce(path: string): unknown {
    if (path.startsWith("/v1/catalog/node/")) return this.catalogue.node(decodeURIComponent(path.split("/")[4] ?? ""));
    if (path === "/v1/agent/services") return this.local.services();
    return path === "/v1/session/list" ? this.sessions.list() : undefined;
  }

  /** Blocks as a server does: until the index is beyond what was asked, or the wait is over. */
  async #untilDue(url: URL, read: () => { readonly index: number }, response: ServerResponse): Promise<void> {
    const asked = Number(url.searchParams.get("index") ?? 0);
    if (!(asked > 0) || this.answersAtOnce) return;
    const [, amount = "300", unit = "s"] = /^(\d+)(ms|s|m)$/.exec(url.searchParams.get("wait") ?? "300s") ?? [];
    const waitMs = Number(amount) * ({ ms: 1, s: 1_000, m: 60_000 }[unit] ?? 1_000);
    const until = performance.now() + waitMs * (1 + Math.random() / 16);
    const isAbsent = url.pathname.includes("/service/");
    while (read().index <= asked && performance.now() < until && !response.destroyed) {
      const woken = await this.#wait(until - performance.now(), response);
      // A service that is not there is told of every change.
      if (woken && isAbsent && JSON.stringify(read()).includes('"value":[]')) return;
    }
  }

  #wait(ms: number, response: ServerResponse): Promise<boolean> {
    return new Promise((resolve) => {
      const end = (woken: boolean): void => {
        clearTimeout(waiting.timer);
        this.#waiting.delete(waiting);
        response.off("close", closed);
        resolve(woken);
      };
      const closed = (): void => end(false);
      const waiting: Waiting = { over: () => end(true), timer: setTimeout(() => end(false), ms) };
      this.#waiting.add(waiting);
      response.once("close", closed);
    });
  }

  #reader(url: URL, token: string | undefined): (() => { index: number; value: unknown }) | undefined {
    const { catalogue } = this;
    const mayRead = this.allowed === undefined || (token !== undefined && this.allowed.has(token));
    const name = decodeURIComponent(url.pathname.split("/").at(-1) ?? "");
    const tags = url.searchParams.getAll("tag");
    if (url.pathname.startsWith("/v1/catalog/service/")) {
      return () => ({ index: catalogue.serviceIndex(name), value: mayRead ? catalogue.instances(name, tags) : [] });
    }
    if (url.pathname.startsWith("/v1/health/service/")) {
      return () => ({ index: catalogue.serviceIndex(name), value: mayRead ? catalogue.health(name, tags) : [] });
    }
    if (url.pathname === "/v1/catalog/services") {
      return () => ({ index: catalogue.tableIndex("services"), value: mayRead ? catalogue.services() : {} });
    }
    if (url.pathname === "/v1/catalog/nodes") return () => ({ index: catalogue.tableIndex("nodes"), value: [] });
    if (url.pathname === "/v1/health/state/any")
      return () => ({ index: catalogue.tableIndex("checks"), value: catalogue.checks() });
    return undefined;
  }

  #self(token: string | undefined): [number, string] {
    if (this.allowed && !this.allowed.has(token ?? "")) return [403, "Permission denied"];
    const domain = this.domain === undefined ? {} : { Domain: this.domain };
    return [200, JSON.stringify({ Config: { Datacenter: this.datacenter, NodeName: this.local.node, ...domain } })];
  }

  #write(path: string, body: string, token: string | undefined): [number, string] {
    if (path === "/v1/internal/acl/authorize") {
      if (!this.allowed) return [401, "ACL support disabled"];
      const [asked] = JSON.parse(body) as [object];
      return [200, JSON.stringify([{ ...asked, Allow: this.allowed.has(token ?? "") }])];
    }
    const sent: unknown = body === "" ? undefined : JSON.parse(body);
    const written = this.local.write(path, sent) ?? this.sessions.write(path, sent);
    if (written) return written;
    if (path === "/v1/catalog/register") this.catalogue.write([sent as Registration]);
    else if (path === "/v1/catalog/deregister") this.catalogue.write([], [sent as Deregistration]);
    else if (path === "/v1/txn") this.catalogue.write(...transaction(sent as readonly Operation[]));
    else return [404, "404 page not found"];
    return [200, "true"];
  }
}

function transaction(operations: readonly Operation[]): [Registration[], Deregistration[]] {
  const set: Registration[] = [];
  const removed: Deregistration[] = [];
  for (const { Node: node, Service: service, Check: check } of operations) {
    if (node) set.push({ ...node.Node, ...(node.Node.Meta ? { NodeMeta: node.Node.Meta } : {}) });
    if (service?.Verb === "delete") removed.push({ Node: service.Node, ServiceID: service.Service.ID });
    else if (service) set.push({ Node: service.Node, Service: service.Service });
    if (check) set.push({ Node: check.Check.Node, Check: check.Check });
  }
  return [set, removed];
}

function send(response: ServerResponse, status: number, body: string, spoiling: Spoiling = {}): void {
  const { cutAfter, headers = {}, index } = spoiling;
  const bytes = Buffer.from(spoiling.body ?? body);
  const all = { "content-length": String(bytes.length), ...(index === undefined ? {} : { "x-consul-index": index }) };
  response.writeHead(spoiling.status ?? status, { ...all, ...headers });
  if (cutAfter === undefined) return void response.end(bytes);
  response.write(bytes.subarray(0, cutAfter), () => response.destroy());
}
