/** The admin port: finds the handler of a request, and keeps other sites' pages away from it. */
import type { IncomingMessage, Server, ServerResponse } from "node:http";
import { isIP, type ListenOptions, type Socket } from "node:net";

// An import of node:http evaluates all of its exports, WebSocket among them, and with that loads undici and http2: 15 MB.
const { createServer } = process.getBuiltinModule("node:http");

export interface AdminRequest {
  readonly url: URL;
  readonly raw: IncomingMessage;
}

export type AdminHandler = (request: AdminRequest, response: ServerResponse) => void | Promise<void>;

export interface AdminRoute {
  readonly method: "GET" | "POST";
  readonly path: string;
  /** It changes nothing, and its body says what is asked: it is taken from wherever a GET is, and the handler reads it. */
  readonly isQuestion?: boolean;
  /** The handler reads the body, of a change too. */
  readonly readsBody?: boolean;
  /** A change that is taken from the page of this very port too. */
  readonly isOnPage?: boolean;
  readonly handle: AdminHandler;
}

/** Takes a socket over, and calls `closed` once when it is gone. */
export type TakeSocket = (socket: Socket, closed: () => void) => { drain(): void; destroy(): void };

/** What the port shows, and how; replaced as a whole. */
export interface AdminFace {
  readonly routes: readonly AdminRoute[];
  /** Whether a path is there. */
  readonly allows: (path: string) => boolean;
  /** Where the port has TLS: secures what it then hands on. */
  readonly secure?: (take: TakeSocket) => TakeSocket;
}

const securityHeaders = {
  "content-security-policy":
    "default-src 'none'; script-src 'self'; style-src 'self'; connect-src 'self'; img-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  "x-content-type-options": "nosniff",
  "referrer-policy": "no-referrer",
  "cache-control": "no-store",
} as const;

export function sendText(
  response: ServerResponse,
  status: number,
  body: string,
  type = "text/plain; charset=utf-8",
): void {
  response.writeHead(status, { "content-type": type, "content-length": Buffer.byteLength(body) });
  response.end(body);
}

export function sendJson(response: ServerResponse, value: unknown, status = 200): void {
  sendText(response, status, `${JSON.stringify(value)}\n`, "application/json");
}

/** A page of another site can point a name of its own at 127.0.0.1; what it asks for then carries that name as Host. */
function namesThisHost(host: string | undefined): boolean {
  if (host === undefined) return false;
  const name = host.replace(/:\d+$/, "").replace(/^\[|\]$/g, "");
  return name === "localhost" || isIP(name) !== 0 || !name.includes(".");
}

function isOfAnotherSite({ headers: { origin, host } }: IncomingMessage): boolean {
  return origin !== undefined && (!URL.canParse(origin) || new URL(origin).host !== host);
}

function isLoopback(address: string | undefined): boolean {
  return address !== undefined && /^(::1$|(::ffff:)?127\.)/.test(address);
}

/** Why a request is refused, or `undefined`. */
function refusal(raw: IncomingMessage, route: AdminRoute | undefined, isSecured: boolean): string | undefined {
  // A certificate is not shown for another's name.
  if (!isSecured && !namesThisHost(raw.headers.host))
    return "the Host of this request is not an address of the admin port";
  if (raw.method !== "POST") return undefined;
  if (route?.isQuestion === true) return isOfAnotherSite(raw) ? "questions are not taken from other sites" : undefined;
  const isOfPage = route?.isOnPage === true && !isOfAnotherSite(raw);
  if (raw.headers.origin !== undefined && !isOfPage) return "changes are not taken from web pages";
  return isLoopback(raw.socket.remoteAddress) ? undefined : "changes are taken from this host only";
}

export class AdminServer implements AsyncDisposable {
  readonly #server: Server;
  readonly #onBug: (error: unknown) => void;
  readonly #open = new Set<{ destroy(): void }>();
  #face!: AdminFace;
  #routes!: ReadonlyMap<string, AdminRoute>;
  #take!: TakeSocket;
  readonly #plain: TakeSocket;

  constructor(face: AdminFace, onBug: (error: unknown) => void) {
    this.#onBug = onBug;
    this.#server = createServer(
      { requestTimeout: 10_000, headersTimeout: 5_000, maxHeaderSize: 16_384 },
      (raw, response) => {
        this.#answer(raw, response).catch((error: unknown) => this.#failed(error, response));
      },
    );
    this.#server.maxConnections = 256;
    const serves = this.#server.listeners("connection");
    this.#plain = (socket, closed) => {
      socket.once("close", closed);
      for (const serve of serves) Reflect.apply(serve, this.#server, [socket]);
      return { drain: () => undefined, destroy: () => socket.destroy() };
    };
    this.#server.removeAllListeners("connection").on("connection", (socket) => this.#accept(socket));
    this.use(face);
  }

  /** For connections, and for requests, to come. */
  use(face: AdminFace): void {
    this.#face = face;
    this.#routes = new Map(face.routes.map((route) => [`${route.method} ${route.path}`, route]));
    this.#take = face.secure === undefined ? this.#plain : face.secure(this.#plain);
  }

  /** Resolves with the port; rejects with the socket's error, such as EADDRINUSE. */
  listen(options: ListenOptions): Promise<number> {
    return new Promise((resolve, reject) => {
      this.#server.once("error", reject);
      this.#server.listen(options, () => {
        this.#server.off("error", reject);
        this.#server.on("error", this.#onBug);
        const address = this.#server.address();
        resolve(typeof address === "object" && address ? address.port : 0);
      });
    });
  }

  /** Takes no new connections; those that are open are served on. */
  leave(): void {
    this.#server.close();
  }

  #accept(socket: Socket): void {
    let isOpen = true;
    const taken = this.#take(socket, () => {
      isOpen = false;
      this.#open.delete(taken);
    });
    if (isOpen) this.#open.add(taken);
  }

  async #answer(raw: IncomingMessage, response: ServerResponse): Promise<void> {
    for (const [name, value] of Object.entries(securityHeaders)) response.setHeader(name, value);
    const url = new URL(raw.url ?? "/", "http://admin");
    const method = raw.method === "HEAD" ? "GET" : raw.method;
    const isThere = this.#face.allows(url.pathname);
    const route = isThere ? this.#routes.get(`${method} ${url.pathname}`) : undefined;
    const refused = refusal(raw, route, this.#face.secure !== undefined);
    const isRead = route?.isQuestion === true || route?.readsBody === true;
    if (refused !== undefined || !isRead) raw.resume();
    if (refused !== undefined) return sendText(response, 403, `${refused}\n`);
    if (route) return route.handle({ url, raw }, response);
    const others = isThere ? this.#methodsAt(url.pathname) : [];
    if (others.length === 0) return sendText(response, 404, `nothing is at ${url.pathname}; / lists what there is\n`);
    response.setHeader("allow", others.join(", "));
    sendText(response, 405, `${url.pathname} takes ${others.join(", ")}\n`);
  }

  #methodsAt(path: string): readonly string[] {
    return [...this.#routes.values()].filter((each) => each.path === path).map((each) => each.method);
  }

  #failed(error: unknown, response: ServerResponse): void {
    this.#onBug(error);
    if (response.headersSent) response.destroy();
    else sendText(response, 500, "a defect in linkspan itself; it is in the log as `bug`\n");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    if (!this.#server.listening) return;
    const closed = new Promise<void>((resolve) => this.#server.close(() => resolve()));
    for (const each of this.#open) each.destroy();
    await closed;
  }
}
