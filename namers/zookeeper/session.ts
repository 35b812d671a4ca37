/** A ZooKeeper session: keeps one connection at a time, carries operations, renews itself, re-arms watches. */
import { sleep } from "linkspan/plugin";
import { attemptConnection, HandshakeRefused } from "./connect-attempt.ts";
import { serverName, type ZkServer } from "./connect-string.ts";
import type { Connection } from "./connection.ts";
import type { ServerTurn } from "./dial-server.ts";
import type { JuteWriter } from "./jute.ts";
import { type Call, Pipeline, UnknownOperation } from "./pipeline.ts";
import { type ConnectResponse, Op } from "./records.ts";
import { rewatch } from "./rewatch.ts";
import { findQuorum } from "./quorum-search.ts";
import { ServerList } from "./server-list.ts";
import { SessionIdentity } from "./session-identity.ts";
import type { Connected, SessionSettings, SessionState, ZkWorld } from "./session-state.ts";
import { StateBoard } from "./state-board.ts";
import type { LostWatch, WatchRegistry } from "./watches.ts";
import { isZkError, ZkError } from "./zk-error.ts";

const AUTH_RETRY_MS = 30_000;
const MAX_CONNECT_MS = 5_000;
const MIN_CONNECT_MS = 250;
/** A server that starts takes connections before it answers, and may forget those: the first attempts are short. */
const FIRST_PATIENCE_MS = 1_000;
/** A connection that lived so long was a good one: the next failure begins with a fast round. */
const GOOD_LIFE_MS = 1_000;
const CLOSE_MS = 1_000;
const LOST_BATCH = 500;
const MAX_LOST_PAUSE_MS = 20;

export class Session implements AsyncDisposable {
  readonly #settings: SessionSettings;
  readonly #world: ZkWorld;
  readonly #watches: WatchRegistry;
  /** The most that the next attempt may take: doubled by each that used it up. */
  #patienceMs = FIRST_PATIENCE_MS;
  readonly #servers: ServerList;
  readonly #identity: SessionIdentity;
  /** Where its state is told. */
  readonly board: StateBoard;
  readonly #pipeline: Pipeline;
  readonly #abort = new AbortController();
  #lost: LostWatch[] = [];
  #running: Promise<void> | undefined;
  #closing: Promise<void> | undefined;

  /** Neither connects nor waits before `start`. */
  constructor(settings: SessionSettings, world: ZkWorld, watches: WatchRegistry) {
    this.#settings = settings;
    this.#world = world;
    this.#watches = watches;
    this.#servers = new ServerList(settings.servers, world.random);
    this.#identity = new SessionIdentity(settings.servers.length);
    this.board = new StateBoard(world.log);
    this.#pipeline = new Pipeline(world.clock, settings.sessionTimeoutMs, () => this.#whyNot());
  }

  get state(): SessionState {
    return this.board.state;
  }

  /** Idempotent. */
  start(): void {
    if (this.#closing) return;
    this.#running ??= this.#run(this.#abort.signal);
  }

  call<T>(op: number, call: Call<T>): Promise<T> {
    if (this.#closing) return Promise.reject(new ZkError("CLOSED", call.what));
    const state = this.state;
    if (state.tag === "auth_failed") return Promise.reject(new ZkError("AUTH_FAILED", call.what, state));
    return this.#pipeline.call(op, call);
  }

  /** Asks the server to drop its watches of `path`; whether it does matters to nobody. */
  unwatch(path: string): void {
    // Servers before 3.6 are better left with a watch too many: to ask them may cost the connection.
    if (this.#closing || this.state.tag !== "connected" || this.#pipeline.lacks(Op.addWatch)) return;
    const ANY = 3;
    const write = (writer: JuteWriter): JuteWriter => writer.string(path).int(ANY);
    const call = { what: `removeWatches ${path}`, write, read: () => undefined };
    this.#pipeline.call(Op.removeWatches, call).catch(() => undefined);
  }

  [Symbol.asyncDispose](): Promise<void> {
    return this.close(CLOSE_MS);
  }

  /** Tries for `limitMs` to end the session at the server; with 0 it is left there until it expires. */
  close(limitMs: number): Promise<void> {
    this.#closing ??= this.#close(limitMs);
    return this.#closing;
  }

  async #close(limitMs: number): Promise<void> {
    const closed = new ZkError("CLOSED", "the client was closed");
    await this.#pipeline.close(closed, limitMs);
    this.#abort.abort(closed);
    await this.#running;
    this.#watches.clear();
    this.#lost = [];
    this.board.publish({ tag: "closed" });
    this.board.clear();
  }

  async #run(signal: AbortSignal): Promise<void> {
    this.board.publish({ tag: "connecting" });
    while (!this.#closing) {
      const pauseMs = await this.#liveOnce(this.#servers.next(), signal);
      if (pauseMs > 0) await sleep(this.#world.clock, pauseMs, signal).catch(() => undefined);
    }
  }

  /** One connection from attempt to end. Returns how long to wait before the next. Never rejects. */
  async #liveOnce(next: ServerTurn, signal: AbortSignal): Promise<number> {
    const { promise: ended, resolve } = Promise.withResolvers<Error>();
    const life = new AbortController();
    const begunAt = this.#world.clock.now();
    try {
      const connection = await this.#connect(next, signal, resolve);
      const since = this.#world.clock.now();
      this.#patienceMs = FIRST_PATIENCE_MS;
      this.#opened(connection, next.server, life.signal);
      const cause = await ended;
      life.abort(cause);
      // Nothing is wrong, and nobody need hear of it.
      if (cause instanceof UnknownOperation) return 0;
      if (!this.#closing) this.#suspended(cause);
      if (this.#world.clock.now() - since < GOOD_LIFE_MS) return this.#servers.pauseMs();
      this.#servers.reset();
      return this.#servers.spreadMs();
    } catch (error) {
      if (this.#world.clock.now() - begunAt >= this.#patienceMs) this.#patienceMs *= 2;
      return signal.aborted ? 0 : this.#failed(error as Error);
    }
  }

  #connect(next: ServerTurn, signal: AbortSignal, ended: (cause: Error) => void): Promise<Connection> {
    const { sessionTimeoutMs, proofs, readOnly } = this.#settings;
    const share = Math.floor(((2 / 3) * sessionTimeoutMs) / this.#servers.all.length);
    const attempt = {
      ...next,
      timeoutMs: Math.max(MIN_CONNECT_MS, Math.min(MAX_CONNECT_MS, share, this.#patienceMs)),
      request: this.#identity.request(sessionTimeoutMs, readOnly),
      proofs,
      accept: (response: ConnectResponse) => this.#accept(response, next.server),
      events: {
        notified: (type: number, path: string) => this.#watches.dispatch(type, path),
        sawZxid: (zxid: bigint) => this.#identity.saw(zxid),
        ended: (cause: Error) => {
          this.#pipeline.detach();
          ended(cause);
        },
      },
    };
    return attemptConnection(attempt, this.#world, signal);
  }

  #accept(response: ConnectResponse, server: ZkServer): void {
    if (response.timeoutMs <= 0)
      throw new ZkError("SESSION_EXPIRED", `${serverName(server)} does not know the session`);
    if (response.readOnly && !this.#settings.readOnly) throw new Error(`${serverName(server)} is read-only`);
    this.#identity.granted(response);
  }

  /** `life` ends when the connection does. */
  #opened(connection: Connection, server: ZkServer, life: AbortSignal): void {
    const at = this.#world.clock.now();
    const state: Connected = { tag: "connected", server: serverName(server), at, ...this.#identity.opened() };
    this.#world.log.info("zookeeper.connected", {
      server: state.server,
      session: state.sessionId,
      renewed: state.renewed,
    });
    void this.#rearm(connection, life);
    this.#pipeline.attach(connection);
    this.board.publish(state);
    void this.#tellLost(life);
    if (state.readOnly) void this.#leaveFor(connection, life);
  }

  /** Ends `connection`, whose server has no quorum, as soon as one is found that has. */
  async #leaveFor(connection: Connection, signal: AbortSignal): Promise<void> {
    const found = await findQuorum(this.#servers.all, this.#settings.proofs.tls, this.#world, signal);
    if (found === undefined) return;
    this.#servers.prefer(found);
    connection.end(new Error(`${serverName(found.server)} has a quorum, which this server has not`));
  }

  async #rearm(connection: Connection, signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#world;
    const armFrom = this.#identity.armFrom();
    if (await rewatch({ connection, registry: this.#watches, armFrom, clock, random, signal })) this.#identity.armed();
  }

  #suspended(cause: Error): void {
    const since = this.#world.clock.wall();
    this.#world.log.warn("zookeeper.suspended", { cause: cause.message });
    this.board.publish({ tag: "suspended", sessionId: this.#identity.name, since, cause });
    if (this.#identity.borrowed) this.#expired(new ZkError("SESSION_EXPIRED", cause.message, { cause }));
    this.#pipeline.waitOnly();
  }

  /** How long to wait after `error`. */
  #failed(error: Error): number {
    if (isZkError(error, "SESSION_EXPIRED") && this.#identity.exists) return this.#expired(error);
    if (isZkError(error, "AUTH_FAILED")) return this.#refused(error);
    if (error instanceof HandshakeRefused && this.#identity.refused())
      this.#world.log.warn("zookeeper.doubted", { cause: "every server refuses what this client has seen" });
    if (this.state.tag === "connected") this.#suspended(error);
    const state = this.state;
    if (state.tag === "suspended") this.board.publish({ ...state, cause: error });
    else this.board.publish({ tag: "connecting", cause: error });
    this.#world.log.debug("zookeeper.unreached", { cause: error.message });
    return this.#servers.pauseMs();
  }

  #expired(error: ZkError): number {
    const sessionId = this.#identity.name;
    this.#world.log.warn("zookeeper.expired", { session: sessionId });
    this.#identity.expired();
    this.#lost.push(...this.#watches.takeOneTime());
    this.#pipeline.fail(error);
    this.board.publish({ tag: "expired", sessionId });
    this.board.publish({ tag: "connecting" });
    return 0;
  }

  #refused(cause: ZkError): number {
    this.#world.log.error("zookeeper.unauthorized", { cause: cause.message });
    this.#pipeline.fail(cause);
    this.board.publish({ tag: "auth_failed", cause });
    return AUTH_RETRY_MS * (0.75 + this.#world.random.next() / 2);
  }

  /** In batches, because owners that are told read anew at once. What is left when the connection ends comes later. */
  async #tellLost(signal: AbortSignal): Promise<void> {
    const { clock, random } = this.#world;
    while (this.#lost.length > 0 && !signal.aborted) {
      for (const lost of this.#lost.splice(0, LOST_BATCH)) this.#watches.tellLost(lost);
      if (this.#lost.length > 0) await sleep(clock, random.next() * MAX_LOST_PAUSE_MS, signal).catch(() => undefined);
    }
  }

  #whyNot(): Error | undefined {
    const state = this.state;
    return "cause" in state ? state.cause : undefined;
  }
}
