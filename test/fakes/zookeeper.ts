/** A ZooKeeper server for tests: the real protocol on a real socket, sessions that expire, and the verbs of trouble. */
import { once } from "node:events";
import { createServer, type Server, type Socket } from "node:net";
import type { Duplex } from "node:stream";
import { createServer as createTlsServer, type TlsOptions } from "node:tls";
import { FrameReader } from "../../namers/zookeeper/frame-reader.ts";
import { JuteReader, JuteWriter } from "../../namers/zookeeper/jute.ts";
import { frame, Op, Xid } from "../../namers/zookeeper/records.ts";
import { type Clock, systemClock } from "../../src/base/time.ts";
import { serve } from "./zookeeper-requests.ts";
import { FakeSasl } from "./zookeeper-sasl.ts";
import { FakeError, FakeTree, parentOf } from "./zookeeper-tree.ts";
import { FakeWatches } from "./zookeeper-watches.ts";
import { freePort } from "../servers/free-port.ts";

/** One request as it came: who asked, what, and how large. */
export interface SeenRequest {
  readonly sessionId: bigint;
  readonly op: number;
  readonly bytes: number;
  /** By `performance.now`. */
  readonly at: number;
}

interface FakeSession {
  readonly id: bigint;
  readonly timeoutMs: number;
  heardAt: number;
  peer: Peer | undefined;
}

interface Peer {
  readonly socket: Socket;
  readonly frames: FrameReader;
  readonly watches: FakeWatches;
  readonly sasl: FakeSasl;
  session: FakeSession | undefined;
}

const SWEEP_MS = 20;
/** Where each moment of the clock costs a test something. */
const OFFLINE_SWEEP_MS = 500;
const PASSWORD = Buffer.alloc(16, 7);

interface FakeZooKeeperOptions {
  readonly tls?: TlsOptions | undefined;
  readonly clock?: Clock;
  readonly sweepMs?: number;
}

export class FakeZooKeeper implements AsyncDisposable {
  /** Every request since the start, pings left out. */
  readonly requests: SeenRequest[] = [];
  /** Operations that are answered with -6, as by an older server. */
  readonly unsupported = new Set<number>();
  /** Operations that are answered with this error until they are taken out. */
  readonly failing = new Map<number, number>();
  /** Bounds of what a client gets as its session timeout. */
  minTimeoutMs = 100;
  maxTimeoutMs = 60_000;
  /** Whether it says that it has no quorum. */
  readOnly = false;
  /** Whether credentials are refused. */
  refusesAuth = false;
  /** Passwords by user; without it SASL is not offered. */
  passwords: ReadonlyMap<string, string> | undefined;
  /** Whether it takes every password, as one that stands in another's place would. */
  forgesProofs = false;
  /** Credentials that were given: scheme and value. */
  readonly given: string[] = [];
  /** Who has proved a password. */
  readonly proven: string[] = [];
  /** Whether watches are triggered and nobody is told: the lie of a bad network or server. */
  dropsWatchEvents = false;
  /** Lists of children below this node say that nothing is there. */
  liesBelow: string | undefined;
  /** Asked at each request: the error that it gets, if any. */
  spoil: ((op: number) => number | undefined) | undefined;
  /** Hears of each change of a node; `isEnd`: it went with its session, which ran out. */
  changed: ((type: number, path: string, isEnd: boolean) => void) | undefined;
  /** Serves a connection that came by another way than its port. */
  readonly accept = (socket: Duplex): void => this.#accept(socket as Socket);
  /** When connections were accepted, by `performance.now`. */
  readonly arrivals: number[] = [];
  readonly #server: Server;
  readonly #tree: FakeTree;
  readonly #peers = new Set<Peer>();
  readonly #sessions = new Map<bigint, FakeSession>();
  readonly #failures: { number: number; op: number | undefined }[] = [];
  readonly #clock: Clock;
  readonly #sweepMs: number;
  #sweep: Disposable | undefined;
  #port = 0;
  #nextSession = 0x1000n;
  #stalled = false;
  #refuses = false;
  #cutAfter: number | undefined;
  #unanswered: number | undefined;
  #isEnding = false;

  private constructor({ tls, clock = systemClock, sweepMs = SWEEP_MS }: FakeZooKeeperOptions) {
    this.#clock = clock;
    this.#sweepMs = sweepMs;
    this.#server = tls ? createTlsServer(tls, this.accept) : createServer(this.accept);
    this.#tree = new FakeTree((type, path) => this.#changed(type, path));
    this.#planSweep();
  }

  /** One that listens nowhere, and serves the connections that it is given. */
  static offline(clock: Clock): FakeZooKeeper {
    return new FakeZooKeeper({ clock, sweepMs: OFFLINE_SWEEP_MS });
  }

  /** Over TLS if its options are given. */
  static async start(tls?: TlsOptions): Promise<FakeZooKeeper> {
    const fake = new FakeZooKeeper({ tls });
    await fake.up();
    return fake;
  }

  get port(): number {
    return this.#port;
  }

  get connectString(): string {
    return `127.0.0.1:${this.#port}`;
  }

  /** How many connections were accepted. */
  get accepted(): number {
    return this.arrivals.length;
  }

  get connections(): number {
    return this.#peers.size;
  }

  /** Ids of the sessions that live. */
  get sessions(): readonly bigint[] {
    return [...this.#sessions.keys()];
  }

  /** What each session that lives was granted. */
  get timeouts(): readonly number[] {
    return [...this.#sessions.values()].map((session) => session.timeoutMs);
  }

  /** How many watches are armed, of all connections. */
  get watches(): number {
    return [...this.#peers].reduce((sum, peer) => sum + peer.watches.size, 0);
  }

  // What is in the tree, without a client.

  /** Makes the node and its parents, or changes its data. */
  set(path: string, data: string | Buffer = "", owner = 0n): void {
    const bytes = Buffer.from(data);
    if (this.#tree.nodes.has(path)) return void this.#tree.setData(path, bytes, -1);
    if (parentOf(path) !== "/" && !this.#tree.nodes.has(parentOf(path))) this.set(parentOf(path));
    this.#tree.create(path, bytes, { owner, sequential: false, container: false });
  }

  /** Removes the node and all below it. */
  remove(path: string): void {
    for (const child of Array.from(this.#tree.at(path).children)) this.remove(`${path === "/" ? "" : path}/${child}`);
    this.#tree.delete(path, -1);
  }

  get(path: string): string | undefined {
    return this.#tree.nodes.get(path)?.data.toString();
  }

  children(path: string): readonly string[] {
    return [...(this.#tree.nodes.get(path)?.children ?? [])].sort();
  }

  /** The session of each child that goes with one. */
  owners(path: string): readonly bigint[] {
    const owners = this.children(path).map((name) => this.#tree.at(`${path}/${name}`).owner);
    return owners.filter((owner) => owner !== 0n);
  }

  isContainer(path: string): boolean {
    return this.#tree.nodes.get(path)?.container ?? false;
  }

  // The verbs of trouble.

  /** The next such request is done, and its connection cut instead of an answer. */
  loseNextAnswer(op: number): void {
    this.#unanswered = op;
  }

  /** The next request, or the next of `op`, gets this error. */
  failNext(number: number, op?: number): void {
    this.#failures.push({ number, op });
  }

  /** Connections are accepted and requests read, and nothing is answered, as by a process that was stopped. */
  stall(): void {
    this.#stalled = true;
    for (const peer of this.#peers) peer.socket.pause();
  }

  unstall(): void {
    this.#stalled = false;
    for (const peer of this.#peers) peer.socket.resume();
  }

  /** Ends every connection; sessions live on. */
  cut(): void {
    for (const peer of Array.from(this.#peers)) this.#drop(peer);
  }

  /** Sends `bytes` of the next frame, then ends that connection. */
  cutNextFrameAfter(bytes: number): void {
    this.#cutAfter = bytes;
  }

  /** The session is over: its ephemeral nodes go, its connection too. All sessions when no id is given. */
  expireSession(id?: bigint): void {
    const expired = id === undefined ? [...this.#sessions.values()] : [this.#sessions.get(id)];
    for (const session of expired) if (session) this.#endSession(session);
  }

  /** Starts again with nothing: no nodes, no sessions, no history. */
  wipe(): void {
    this.cut();
    this.#sessions.clear();
    this.#tree.wipe();
  }

  /** Knows the sessions of `other` from now on, and is as far as it: two servers of one ensemble, without its nodes. */
  adopt(other: FakeZooKeeper): void {
    for (const [id, session] of other.#sessions) {
      if (!this.#sessions.has(id)) this.#sessions.set(id, { ...session, heardAt: this.#clock.now(), peer: undefined });
    }
    if (other.#tree.zxid > this.#tree.zxid) this.#tree.zxid = other.#tree.zxid;
  }

  /** Whether new connections are closed at once, as during an election. */
  refuse(refuses = true): void {
    this.#refuses = refuses;
  }

  /** Nobody listens any more. */
  async down(): Promise<void> {
    this.cut();
    const closed = once(this.#server, "close");
    this.#server.close();
    await closed;
  }

  /** Listens, on the same port as before. */
  async up(): Promise<void> {
    // One that no caller is given while it is down.
    if (this.#port === 0) this.#port = await freePort();
    this.#server.listen(this.#port, "127.0.0.1");
    await once(this.#server, "listening");
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#sweep?.[Symbol.dispose]();
    if (this.#server.listening) await this.down();
    else this.cut();
  }

  #accept(socket: Socket): void {
    this.arrivals.push(this.#clock.now());
    socket.on("error", () => undefined);
    if (this.#refuses) return void socket.destroy();
    const peer: Peer = {
      socket,
      frames: new FrameReader(1024 * 1024),
      watches: new FakeWatches(),
      sasl: new FakeSasl(this.passwords, this.forgesProofs),
      session: undefined,
    };
    this.#peers.add(peer);
    socket.setNoDelay(true);
    socket.on("close", () => this.#drop(peer));
    socket.on("data", (bytes: Buffer) => this.#heard(peer, bytes));
    if (this.#stalled) socket.pause();
  }

  #drop(peer: Peer): void {
    this.#peers.delete(peer);
    if (peer.session?.peer === peer) peer.session.peer = undefined;
    peer.socket.destroy();
  }

  #heard(peer: Peer, bytes: Buffer): void {
    if (!peer.session && bytes.toString("latin1") === "isro") return void peer.socket.end(this.readOnly ? "ro" : "rw");
    peer.frames.push(bytes);
    try {
      while (this.#peers.has(peer)) {
        const next = peer.frames.next();
        if (!next) return;
        if (peer.session) this.#request(peer, peer.session, next);
        else this.#greet(peer, new JuteReader(next));
      }
    } catch {
      // A real server, too, ends the connection at what it cannot read, or finds too large.
      this.#drop(peer);
    }
  }

  #greet(peer: Peer, reader: JuteReader): void {
    reader.int();
    if (reader.long() > this.#tree.zxid) return this.#drop(peer);
    const wanted = reader.int();
    const id = reader.long();
    const known = this.#sessions.get(id);
    const timeoutMs = Math.min(this.maxTimeoutMs, Math.max(this.minTimeoutMs, wanted));
    const session = id === 0n ? this.#newSession(timeoutMs) : known;
    if (session?.peer) this.#drop(session.peer);
    if (session) session.peer = peer;
    peer.session = session;
    const writer = new JuteWriter().int(0).int(session?.timeoutMs ?? 0);
    this.#send(
      peer,
      writer
        .long(session?.id ?? 0n)
        .buffer(PASSWORD)
        .boolean(this.readOnly)
        .done(),
    );
    if (!session) peer.socket.end();
  }

  #newSession(timeoutMs: number): FakeSession {
    // A new session is a transaction of its own.
    this.#tree.zxid++;
    const session: FakeSession = { id: this.#nextSession++, timeoutMs, heardAt: this.#clock.now(), peer: undefined };
    this.#sessions.set(session.id, session);
    return session;
  }

  #request(peer: Peer, session: FakeSession, bytes: Buffer): void {
    session.heardAt = this.#clock.now();
    const reader = new JuteReader(bytes);
    const xid = reader.int();
    const op = reader.int();
    if (op === Op.ping) return this.#reply(peer, Xid.ping, 0);
    this.requests.push({ sessionId: session.id, op, bytes: bytes.length, at: session.heardAt });
    if (op === Op.auth) return this.#authorise(peer, reader);
    if (op === Op.sasl) return this.#prove(peer, xid, reader);
    if (op === Op.closeSession) {
      this.#reply(peer, xid, 0);
      peer.socket.end();
      return this.#endSession(session, true);
    }
    const failure = this.#takeFailure(op);
    if (failure !== undefined) {
      this.#reply(peer, xid, failure);
      // As real ones do at an operation that they do not know.
      if (failure === -6) peer.socket.end();
      return;
    }
    this.#serve(peer, session, { xid, op, reader });
  }

  #serve(peer: Peer, session: FakeSession, request: { xid: number; op: number; reader: JuteReader }): void {
    const tree = this.#tree;
    const writer = new JuteWriter();
    const tell = (type: number, path: string): void => this.#tell(peer, type, path);
    try {
      serve(request.op, request.reader, writer, {
        tree,
        watches: peer.watches,
        sessionId: session.id,
        tell,
        liesBelow: this.liesBelow,
      });
      if (this.#unanswered === request.op) {
        this.#unanswered = undefined;
        return this.#drop(peer);
      }
      this.#reply(peer, request.xid, 0, writer.done());
    } catch (error) {
      if (!(error instanceof FakeError)) throw error;
      this.#reply(peer, request.xid, error.number);
    }
  }

  #authorise(peer: Peer, reader: JuteReader): void {
    reader.int();
    this.given.push(`${reader.string()} ${reader.buffer()?.toString() ?? ""}`);
    this.#reply(peer, Xid.auth, this.refusesAuth ? -115 : 0);
    if (this.refusesAuth) peer.socket.end();
  }

  #prove(peer: Peer, xid: number, reader: JuteReader): void {
    const token = peer.sasl.step(reader.buffer() ?? Buffer.alloc(0));
    if (token === "refused") {
      this.#reply(peer, xid, -115);
      return void peer.socket.end();
    }
    if (peer.sasl.user !== undefined) this.proven.push(peer.sasl.user);
    this.#reply(peer, xid, 0, new JuteWriter().buffer(token).done());
  }

  #takeFailure(op: number): number | undefined {
    if (this.unsupported.has(op)) return -6;
    const spoilt = this.spoil?.(op);
    if (spoilt !== undefined) return spoilt;
    const always = this.failing.get(op);
    if (always !== undefined) return always;
    const at = this.#failures.findIndex((each) => each.op === undefined || each.op === op);
    return at < 0 ? undefined : this.#failures.splice(at, 1)[0]?.number;
  }

  #reply(peer: Peer, xid: number, error: number, body: Buffer = Buffer.alloc(0)): void {
    const header = new JuteWriter().int(xid).long(this.#tree.zxid).int(error).done();
    this.#send(peer, Buffer.concat([header, body]));
  }

  #changed(type: number, path: string): void {
    this.changed?.(type, path, this.#isEnding);
    for (const peer of this.#peers) if (peer.watches.fires(type, path)) this.#tell(peer, type, path);
  }

  #tell(peer: Peer, type: number, path: string): void {
    if (this.dropsWatchEvents) return;
    const CONNECTED = 3;
    const header = new JuteWriter().int(Xid.watch).long(-1n).int(0);
    this.#send(peer, header.int(type).int(CONNECTED).string(path).done());
  }

  #send(peer: Peer, record: Buffer): void {
    const bytes = frame(record);
    if (this.#cutAfter === undefined) return void peer.socket.write(bytes);
    const part = bytes.subarray(0, this.#cutAfter);
    this.#cutAfter = undefined;
    this.#peers.delete(peer);
    if (peer.session?.peer === peer) peer.session.peer = undefined;
    peer.socket.write(part, () => peer.socket.destroy());
  }

  #endSession(session: FakeSession, gently = false): void {
    this.#sessions.delete(session.id);
    if (session.peer && !gently) this.#drop(session.peer);
    const owned = [...this.#tree.nodes].filter(([, node]) => node.owner === session.id);
    this.#isEnding = !gently;
    for (const [path] of owned) this.#tree.delete(path, -1);
    this.#isEnding = false;
  }

  #planSweep(): void {
    this.#sweep = this.#clock.timer(this.#sweepMs, () => {
      this.#expireOld();
      this.#planSweep();
    });
  }

  #expireOld(): void {
    // A process that is stopped expires nothing; it does so when it goes on.
    if (this.#stalled) return;
    const now = this.#clock.now();
    for (const session of this.#sessions.values())
      if (now - session.heardAt > session.timeoutMs) this.#endSession(session);
  }
}
