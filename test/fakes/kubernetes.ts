/** A Kubernetes API server for tests: lists in pages and watches as the real one gives them, and the verbs of trouble. */
import { once } from "node:events";
import { createServer as createPlain, type IncomingMessage, type Server, type ServerResponse } from "node:http";
import { createServer as createSecure, type ServerOptions as SecureOptions } from "node:https";
import type { Socket } from "node:net";
import type { Duplex } from "node:stream";
import { text } from "node:stream/consumers";
import { type Clock, systemClock } from "../../src/base/time.ts";
import type { KubeObject } from "../servers/kubernetes-admin.ts";
import { History, type HistoryEvent, RESOURCES, type StoredObject } from "./kubernetes-history.ts";
import { type Selector, selectorOf } from "./kubernetes-selectors.ts";
import { type Delivery, FakeWatch } from "./kubernetes-watch.ts";
import { answerWrite } from "./kubernetes-writes.ts";
import { freePort } from "../servers/free-port.ts";

export interface FakeKubernetesOptions {
  /** Serves over TLS. */
  readonly tls?: SecureOptions;
  /** By which watches end. */
  readonly clock?: Clock;
  /** Who may ask: everybody where it is not said, else those whose request it says true of; others are answered 401. */
  readonly lets?: (request: IncomingMessage) => boolean;
}

/** An answer that is no success, and of which resource. */
export interface Refusal {
  readonly status: number;
  readonly reason?: string;
  readonly message?: string;
  readonly retryAfterSeconds?: number;
  readonly resource?: string;
  readonly verb?: Verb;
}

/** Lists and reads, watches, and what writes. */
type Verb = "list" | "watch" | "write";

interface Asked {
  readonly resource: string;
  readonly namespace: string | undefined;
  readonly name: string | undefined;
  readonly query: URLSearchParams;
  readonly isWatch: boolean;
  /** The forms in which it is to be answered, the best first. */
  readonly accepts: readonly string[];
}

interface Pages {
  readonly version: number;
  readonly objects: readonly StoredObject[];
}

export class FakeKubernetes implements AsyncDisposable {
  /** `GET /path` of every request. */
  readonly asked: string[] = [];
  /** How many answers held metadata alone. */
  briefLists = 0;
  /** Every request of that kind is refused. */
  refusal: Refusal | undefined;
  /** Asked at each request: the refusal that it gets, if any. */
  spoil: ((resource: string, verb: Verb) => Refusal | undefined) | undefined;
  /** Hears of each change of an object. */
  changed: ((event: HistoryEvent) => void) | undefined;
  /** Whether it knows the group discovery.k8s.io. */
  hasSlices = true;
  /** What it makes of who asks for metadata alone: gives it, gives all (as those before 1.11), or refuses. */
  metadata: "alone" | "whole" | "refused" = "alone";
  /** Lists say that nothing is there. */
  lies = false;
  /** Lists end after so many bytes. */
  cutsListsAfter: number | undefined;
  readonly delivery: Delivery = {
    pieceBytes: undefined,
    joinsEvents: false,
    repeatsEvents: false,
    losesEvents: false,
  };
  readonly history: History;
  readonly #options: FakeKubernetesOptions;
  readonly #server: Server;
  readonly #sockets = new Set<Socket>();
  readonly #watches = new Set<FakeWatch>();
  readonly #pages = new Map<string, Pages>();
  readonly #failures: Refusal[] = [];
  #port = 0;
  #nextPages = 0;

  private constructor(options: FakeKubernetesOptions) {
    this.#options = options;
    this.history = new History((event) => this.#happened(event));
    const serve = (request: IncomingMessage, answer: ServerResponse): void => void this.#serve(request, answer);
    this.#server = options.tls ? createSecure(options.tls, serve) : createPlain(serve);
    this.#server.keepAliveTimeout = 60_000;
    this.#server.on("connection", (socket: Socket) => {
      this.#sockets.add(socket);
      socket.on("error", () => undefined);
      socket.on("close", () => this.#sockets.delete(socket));
    });
  }

  /** One that listens nowhere, and serves the connections that it is given. */
  static offline(clock: Clock): FakeKubernetes {
    return new FakeKubernetes({ clock });
  }

  static async start(options: FakeKubernetesOptions = {}): Promise<FakeKubernetes> {
    const fake = new FakeKubernetes(options);
    await fake.up();
    return fake;
  }

  get port(): number {
    return this.#port;
  }

  get connections(): number {
    return this.#sockets.size;
  }

  /** How many watches are open. */
  get watches(): number {
    return this.#watches.size;
  }

  put(object: KubeObject): void {
    this.history.put(object);
  }

  remove(object: KubeObject): void {
    this.history.remove(object);
  }

  // The verbs of trouble.

  /** The next request that it fits is refused. */
  failNext(refusal: Refusal): void {
    this.#failures.push(refusal);
  }

  /** Ends all watches as at the end of their time. */
  endWatches(): void {
    for (const watch of Array.from(this.#watches)) watch.end();
  }

  cutWatches(): void {
    for (const watch of Array.from(this.#watches)) watch.cut();
  }

  /** An error in the stream, as 410 comes, and its end. */
  errWatches(refusal: Refusal): void {
    for (const watch of Array.from(this.#watches)) {
      watch.tell("ERROR", statusOf(refusal));
      watch.end();
    }
  }

  /** The watches that are open now tell nothing more, and stay open. */
  muteWatches(): void {
    for (const watch of this.#watches) watch.mute();
  }

  bookmark(): void {
    for (const watch of this.#watches) watch.bookmark(this.history.version);
  }

  /** Bytes that are no event. */
  writeRaw(bytes: string): void {
    for (const watch of this.#watches) watch.raw(bytes);
  }

  /** Nobody listens any more, and every connection ends. */
  async down(): Promise<void> {
    if (!this.#server.listening) return;
    const closed = once(this.#server, "close");
    this.#server.close();
    this.cut();
    await closed;
  }

  /** Listens, on the same port as before. */
  async up(): Promise<void> {
    // One that no caller is given while it is down.
    if (this.#port === 0) this.#port = await freePort();
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.down();
  }

  /** Serves a connection that came by another way than its port. */
  readonly accept = (socket: Duplex): void => void this.#server.emit("connection", socket);

  /** Ends every connection. */
  cut(): void {
    for (const socket of this.#sockets) breakOff(socket);
  }

  #happened(event: HistoryEvent): void {
    this.changed?.(event);
    for (const watch of this.#watches) watch.hear(event);
  }

  async #serve(request: IncomingMessage, answer: ServerResponse): Promise<void> {
    const body = await text(request).catch(() => undefined);
    // Whoever asks and is cut off before the end has asked for nothing.
    if (body === undefined) return;
    answer.on("error", () => undefined);
    this.asked.push(`${request.method} ${request.url}`);
    if (this.#options.lets?.(request) === false) return refuse(answer, { status: 401, reason: "Unauthorized" });
    const asked = this.#read(request);
    if (!asked) return refuse(answer, NOT_FOUND);
    const failure = this.#takeFailure(asked, request.method !== "GET");
    if (failure) return refuse(answer, failure);
    if (request.method !== "GET") return this.#write(request.method ?? "", asked, body, answer);
    if (asked.name !== undefined) return this.#get(asked, asked.name, answer);
    if (asked.isWatch) this.#watch(asked, answer);
    else this.#list(asked, answer);
  }

  #read({ url = "/", headers }: IncomingMessage): Asked | undefined {
    const { pathname, searchParams: query } = new URL(url, "http://api");
    const place = /^\/(?:api\/v1|apis\/([^/]+)\/v1)\/(?:namespaces\/([^/]+)\/)?([a-z]+)(?:\/([^/]+))?$/.exec(pathname);
    const [, group = "", namespace, resource = "", name] = place ?? [];
    if (!place || RESOURCES[resource]?.group !== group || (group === "discovery.k8s.io" && !this.hasSlices))
      return undefined;
    const isWatch = ["1", "true"].includes(query.get("watch") ?? "");
    return { resource, namespace, name, query, isWatch, accepts: (headers.accept ?? "").split(",") };
  }

  #takeFailure(asked: Asked, writes: boolean): Refusal | undefined {
    const verb: Verb = writes ? "write" : asked.isWatch ? "watch" : "list";
    const fits = (each: Refusal): boolean =>
      (each.resource ?? asked.resource) === asked.resource && (each.verb ?? verb) === verb;
    const spoilt = this.spoil?.(asked.resource, verb);
    if (spoilt) return spoilt;
    const found = this.#failures.findIndex(fits);
    if (found >= 0) return this.#failures.splice(found, 1)[0];
    return this.refusal && fits(this.refusal) ? this.refusal : undefined;
  }

  #write(method: string, { resource, namespace = "", name }: Asked, body: string, answer: ServerResponse): void {
    const written = answerWrite(this.history, { method, resource, namespace, name, body });
    if ("object" in written) send(answer, written.status, written.object);
    else refuse(answer, written);
  }

  #get({ resource, namespace = "" }: Asked, name: string, answer: ServerResponse): void {
    const found = this.history.find(resource, namespace, name);
    if (found) send(answer, 200, found);
    else refuse(answer, NOT_FOUND);
  }

  #list(asked: Asked, answer: ServerResponse): void {
    const { query, resource } = asked;
    const isBrief = asked.accepts[0]?.includes("as=PartialObjectMetadataList;g=meta.k8s.io;v=v1") === true;
    if (isBrief && this.metadata === "refused") return refuse(answer, NOT_ACCEPTABLE);
    if (Number(query.get("resourceVersion") ?? 0) > this.history.version) return refuse(answer, TOO_NEW);
    const token = query.get("continue") ?? undefined;
    const [id = "", from = "0"] = token?.split(".") ?? [];
    const pages = token === undefined ? this.#newPages(asked) : this.#pages.get(id);
    if (!pages || pages.version < this.history.oldest) return refuse(answer, EXPIRED_TOKEN);
    const limit = Number(query.get("limit") ?? 0) || Infinity;
    const end = Number(from) + limit;
    const rest = pages.objects.length - end;
    const next = rest > 0 ? { continue: `${this.#keep(id, pages)}.${end}`, remainingItemCount: rest } : {};
    const metadata = { resourceVersion: `${pages.version}`, ...next };
    const form = isBrief && this.metadata === "alone" ? METADATA : formOf(resource);
    if (form === METADATA) this.briefLists++;
    const items = pages.objects.slice(Number(from), end).map(form.item);
    const list = { kind: form.kind, apiVersion: form.apiVersion, metadata, items };
    if (this.cutsListsAfter === undefined) return send(answer, 200, list);
    answer.writeHead(200, { "content-type": "application/json" });
    answer.write(JSON.stringify(list).slice(0, this.cutsListsAfter), () => answer.socket?.resetAndDestroy());
  }

  #newPages({ resource, namespace, query }: Asked): Pages {
    const selects = selectorOf(query, namespace);
    const objects = this.lies ? [] : this.history.all(resource).filter(selects);
    return { version: this.history.version, objects };
  }

  /** A list goes on where it began, whatever happens meanwhile. */
  #keep(id: string, pages: Pages): string {
    if (id !== "") return id;
    const made = `p${this.#nextPages++}`;
    this.#pages.set(made, pages);
    return made;
  }

  #watch({ resource, namespace, query }: Asked, answer: ServerResponse): void {
    answer.writeHead(200, { "content-type": "application/json" });
    answer.flushHeaders();
    const selects = selectorOf(query, namespace);
    const allowsBookmarks = query.get("allowWatchBookmarks") === "true";
    const watch = new FakeWatch({ resource, answer, selects, delivery: this.delivery, allowsBookmarks });
    const from = query.get("resourceVersion") ?? "";
    if (!this.#begin(watch, from, selects)) return watch.end();
    this.#watches.add(watch);
    const seconds = Number(query.get("timeoutSeconds") ?? 0) || 600;
    const { clock = systemClock } = this.#options;
    const timer = clock.timer(seconds * 1000, () => watch.end());
    answer.on("close", () => {
      timer[Symbol.dispose]();
      this.#watches.delete(watch);
    });
  }

  /** False where the version is too old: that comes as an event of a stream that was accepted. */
  #begin(watch: FakeWatch, from: string, selects: Selector): boolean {
    if (from === "" || from === "0") {
      for (const object of this.history.all(watch.resource)) if (selects(object)) watch.add(object);
      return true;
    }
    if (Number(from) < this.history.oldest) {
      watch.tell("ERROR", statusOf({ ...EXPIRED, message: `too old resource version: ${from}` }));
      return false;
    }
    for (const event of this.history.since(Number(from))) watch.hear(event);
    return true;
  }
}

interface ListForm {
  readonly kind: string;
  readonly apiVersion: string;
  item(object: StoredObject): object;
}

const METADATA: ListForm = {
  kind: "PartialObjectMetadataList",
  apiVersion: "meta.k8s.io/v1",
  item: ({ metadata }) => ({ kind: "PartialObjectMetadata", apiVersion: "meta.k8s.io/v1", metadata }),
};

function formOf(resource: string): ListForm {
  const { group = "", kind = "" } = RESOURCES[resource] ?? {};
  return { kind: `${kind}List`, apiVersion: group === "" ? "v1" : `${group}/v1`, item: itemOf };
}

/** In a list objects do not say what they are. */
function itemOf(object: StoredObject): object {
  return Object.fromEntries(Object.entries(object).filter(([key]) => key !== "kind" && key !== "apiVersion"));
}

const NOT_FOUND: Refusal = {
  status: 404,
  reason: "NotFound",
  message: "the server could not find the requested resource",
};
const NOT_ACCEPTABLE: Refusal = {
  status: 406,
  reason: "NotAcceptable",
  message: "only the following media types are accepted: application/json",
};
const EXPIRED: Refusal = { status: 410, reason: "Expired", message: "too old resource version" };
const EXPIRED_TOKEN: Refusal = { ...EXPIRED, message: "The provided continue parameter is too old" };
const TOO_NEW: Refusal = {
  status: 504,
  reason: "Timeout",
  message: "Too large resource version",
  retryAfterSeconds: 1,
};

function statusOf({ status: code, reason = "Failure", message = "injected", retryAfterSeconds }: Refusal): object {
  const details = retryAfterSeconds === undefined ? {} : { details: { retryAfterSeconds } };
  return { kind: "Status", apiVersion: "v1", metadata: {}, status: "Failure", message, reason, code, ...details };
}

/** A socket that has said its end cannot be reset any more. */
function breakOff(socket: Socket): void {
  if (socket.writableEnded) socket.destroy();
  else socket.resetAndDestroy();
}

function refuse(answer: ServerResponse, refusal: Refusal): void {
  const { retryAfterSeconds } = refusal;
  if (retryAfterSeconds !== undefined) answer.setHeader("retry-after", `${retryAfterSeconds}`);
  send(answer, refusal.status, statusOf(refusal));
}

function send(answer: ServerResponse, status: number, value: unknown): void {
  answer.writeHead(status, { "content-type": "application/json" });
  answer.end(`${JSON.stringify(value)}\n`);
}
