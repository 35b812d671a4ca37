/** One end of an HTTP/2 connection in a test's hands: sends any frame, reads with deadlines, and judges what comes. */
import { once } from "node:events";
import net from "node:net";
import type { Duplex } from "node:stream";
import { Changes } from "./changes.ts";
import { valueOf } from "./h2-fields.ts";
import { data, F, type Frame, headers, ping, PREFACE, type Setting, settings, settingsAck } from "./h2-frames.ts";
import { codeNames, show, T, windowUpdate } from "./h2-frames.ts";
import { block, type Field } from "./h2-hpack.ts";
import { Judge } from "./h2-judge.ts";
import type { JudgedStream } from "./h2-ledger.ts";

const SLOWNESS = Number(process.env["LINKSPAN_SLOW"] ?? 1);
const WITHIN_MS = 3000;

/** What a peer does by itself. */
export interface Manners {
  /** Acknowledges SETTINGS. */
  readonly settings?: boolean;
  readonly pings?: boolean;
  /** Opens windows again as DATA comes. */
  readonly windows?: boolean;
}

export interface PeerOptions extends Manners {
  /** What its own SETTINGS say; undefined sends none. */
  readonly says?: readonly Setting[] | undefined;
  /** As a server: answers each request that has ended, but those for a path with `held`. */
  readonly answers?: boolean;
}

export class H2Peer implements Disposable {
  readonly judge: Judge;
  readonly socket: Duplex;
  /** "ended" after the other side's FIN, "reset" where the connection broke. */
  state: "open" | "ended" | "reset" = "open";
  manners: Manners;
  /** The judged side's streams that a test has taken. */
  readonly #taken = new Set<number>();
  readonly #answers: boolean;
  readonly #changes = new Changes();
  #pings = 0;
  #lastOwnId = -1;

  /** `role` is that of the peer itself. */
  constructor(socket: Duplex, role: "client" | "server", options: PeerOptions = {}) {
    this.socket = socket;
    this.judge = new Judge(role === "client" ? "server" : "client");
    this.#answers = options.answers === true;
    this.manners = { settings: true, pings: true, windows: true, ...options };
    socket.on("data", (bytes: Buffer) => this.#received(bytes));
    socket.on("end", () => this.#became("ended"));
    socket.on("error", () => this.#became("reset"));
    socket.on("close", () => this.#became("reset"));
    if (role === "client") this.raw(PREFACE);
    if (!("says" in options) || options.says) this.send(settings(...(options.says ?? [])));
  }

  static async connect(port: number, options: PeerOptions = {}): Promise<H2Peer> {
    const socket = net.connect({ port, host: "127.0.0.1", noDelay: true, allowHalfOpen: true });
    await once(socket, "connect");
    return new H2Peer(socket, "client", options);
  }

  /** Whole frames, in one write. */
  send(...frames: readonly Buffer[]): void {
    for (const frame of frames) this.judge.sent(frame);
    this.raw(Buffer.concat(frames));
  }

  /** Bytes that nobody takes note of: what lies about its length, or is no frame. */
  raw(bytes: string | Uint8Array): void {
    if (!this.socket.destroyed && this.socket.writable) {
      this.socket.write(typeof bytes === "string" ? Buffer.from(bytes, "latin1") : bytes);
    }
  }

  /** As a client: opens the next stream with a request. Returns its number. */
  request(fields: readonly Field[], { end = true, body }: { end?: boolean; body?: string } = {}): number {
    const id = (this.#lastOwnId += 2);
    const method = fields.find(([name]) => name === ":method")?.[1] ?? "";
    this.send(headers(id, block(...fields), { end: end && body === undefined }));
    const stream = this.judge.streams.get(id);
    if (stream) stream.method = method;
    if (body !== undefined) this.send(data(id, body, { end }));
    return id;
  }

  /** As a server: the next request whose head has come. */
  async nextRequest(): Promise<JudgedStream> {
    const isNew = (stream: JudgedStream): boolean => stream.head !== undefined && !this.#taken.has(stream.id);
    const find = (): JudgedStream | undefined => [...this.judge.streams.values()].find(isNew);
    await this.until("a request", () => find() !== undefined);
    const stream = find() as JudgedStream;
    this.#taken.add(stream.id);
    return stream;
  }

  /** As a server: a whole answer. */
  respond(id: number, status = 200, body = "ok", fields: readonly Field[] = []): void {
    const length: Field = ["content-length", String(body.length)];
    this.send(headers(id, block([":status", String(status)], length, ...fields)), data(id, body, { end: true }));
  }

  stream(id: number): JudgedStream {
    const found = this.judge.streams.get(id);
    if (!found) throw new Error(`no stream ${id}; ${this.log()}`);
    return found;
  }

  /** Resolves when `holds` does, rejects at the deadline with what came. */
  async until(what: string, holds: () => boolean, withinMs = WITHIN_MS): Promise<void> {
    const deadline = performance.now() + withinMs * SLOWNESS;
    while (!holds()) {
      const left = deadline - performance.now();
      if (left <= 0) throw new Error(`not within ${withinMs} ms: ${what}; ${this.log()}`);
      await this.#changes.next(Math.min(left, 20));
    }
  }

  async frame(what: string, holds: (frame: Frame) => boolean, withinMs = WITHIN_MS): Promise<Frame> {
    await this.until(what, () => this.judge.frames.some(holds), withinMs);
    return this.judge.frames.find(holds) as Frame;
  }

  /** Resolves when all that was sent has been read: true, or false where the connection ended instead. */
  async barrier(withinMs = WITHIN_MS): Promise<boolean> {
    const payload = `barr${String(++this.#pings).padStart(4, "0")}`;
    this.send(ping(payload));
    const isPong = ({ type, flags, payload: got }: Frame): boolean =>
      type === T.PING && (flags & F.ACK) !== 0 && got.toString("latin1") === payload;
    const isBack = (): boolean => this.judge.frames.some(isPong);
    await this.until("an answer to PING, or the end", () => isBack() || this.state !== "open", withinMs);
    return isBack();
  }

  /** Resolves when the connection was closed by the other side. */
  closed(withinMs = WITHIN_MS): Promise<void> {
    return this.until("the end of the connection", () => this.state !== "open", withinMs);
  }

  /** For the messages of assertions. */
  log(): string {
    const { frames, violations } = this.judge;
    const wrong = violations.length > 0 ? `; wrong: ${violations.join(", ")}` : "";
    return `${this.state}; got ${frames.slice(-30).map(show).join(" | ")}${wrong}`;
  }

  /** What the connection's end says: the code of GOAWAY, "closed" without one, "open" while it lives. */
  get end(): string {
    const { goaway } = this.judge;
    if (goaway) return `goaway ${codeNames[goaway.code] ?? goaway.code}`;
    return this.state === "open" ? "open" : "closed";
  }

  #received(bytes: Buffer): void {
    for (const frame of this.judge.receive(bytes)) this.#behave(frame);
    this.#changes.tell();
  }

  #behave({ type, flags, id, payload }: Frame): void {
    const isAck = (flags & F.ACK) !== 0;
    if (type === T.SETTINGS && !isAck && this.manners.settings === true) this.send(settingsAck());
    if (type === T.PING && !isAck && this.manners.pings === true) this.send(ping(payload, true));
    if (this.#answers && (flags & F.END_STREAM) !== 0) this.#answer(id);
    if (type !== T.DATA || payload.length === 0 || this.manners.windows !== true) return;
    const stream = this.judge.streams.get(id);
    const isOpen = stream !== undefined && !stream.hasEnded && stream.weResetAt === undefined;
    this.send(windowUpdate(0, payload.length), ...(isOpen ? [windowUpdate(id, payload.length)] : []));
  }

  /** The request has ended with the frame that came; where its block goes on, nobody answers it. */
  #answer(id: number): void {
    const stream = this.judge.streams.get(id);
    if (!stream?.hasEnded || valueOf(stream.head ?? [], ":path")?.includes("held") === true) return;
    if (stream.method === "HEAD") this.send(headers(id, block([":status", "200"]), { end: true }));
    else this.respond(id);
  }

  #became(state: "ended" | "reset"): void {
    if (this.state === "open") this.state = state;
    this.#changes.tell();
  }

  [Symbol.dispose](): void {
    this.socket.destroy();
  }
}

/** A server of which each connection is a peer in the test's hands. */
export class H2Listener implements AsyncDisposable {
  readonly peers: H2Peer[] = [];
  readonly #server: net.Server;
  #taken = 0;

  private constructor(server: net.Server) {
    this.#server = server;
  }

  static async start(options: PeerOptions = {}): Promise<H2Listener> {
    const server = net.createServer({ allowHalfOpen: true, noDelay: true });
    const listener = new H2Listener(server);
    server.on("connection", (socket) => listener.peers.push(new H2Peer(socket, "server", options)));
    server.listen(0, "127.0.0.1");
    await once(server, "listening");
    return listener;
  }

  get port(): number {
    return (this.#server.address() as net.AddressInfo).port;
  }

  /** The next connection, as soon as it is there. */
  async next(withinMs = WITHIN_MS): Promise<H2Peer> {
    const deadline = performance.now() + withinMs * SLOWNESS;
    while (this.peers.length <= this.#taken) {
      if (performance.now() > deadline) throw new Error(`no connection within ${withinMs} ms`);
      await new Promise((resolve) => setTimeout(resolve, 2));
    }
    return this.peers[this.#taken++] as H2Peer;
  }

  async [Symbol.asyncDispose](): Promise<void> {
    for (const peer of this.peers) peer[Symbol.dispose]();
    this.#server.close();
    await once(this.#server, "close");
  }
}
