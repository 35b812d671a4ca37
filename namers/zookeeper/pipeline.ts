/** Carries operations over whichever connection there is: a queue before it, a window on it, every one settled once. */
import type { Clock } from "linkspan/plugin";
import type { Answer, Connection } from "./connection.ts";
import { type JuteReader, JuteWriter } from "./jute.ts";
import { Op } from "./records.ts";
import { RequestQueue } from "./request-queue.ts";
import { ZkError, zkErrorOf } from "./zk-error.ts";

/** An operation: how its request is written and its reply read. */
export interface Call<T> {
  /** For people, in errors. */
  readonly what: string;
  write(writer: JuteWriter): unknown;
  read(reader: JuteReader): T;
  /** The result where there is no such node; absent: that is an error. */
  missing?(): T;
}

/** Requests on their way to a server at once. */
const WINDOW = 1_000;
/** A server ends the connection at a request above its jute.maxbuffer, 1 MiB by default. */
const MAX_REQUEST_BYTES = 1024 * 1024 - 64;
const NO_NODE = -101;
const UNIMPLEMENTED = -6;

/** Why a connection was ended: servers close it behind the answer that they do not know an operation. */
export class UnknownOperation extends Error {
  constructor(what: string) {
    super(`the server does not know how to ${what}, and closes the connection at that`);
    this.name = "UnknownOperation";
  }
}

export class Pipeline {
  readonly #clock: Clock;
  readonly #queue: RequestQueue;
  readonly #whyNot: () => Error | undefined;
  #connection: Connection | undefined;
  /** Operations that a server did not know. It costs a connection to learn it, so it is never asked again. */
  readonly #unknown = new Set<number>();
  #closed: ZkError | undefined;

  /** `whyNot`: why there is no connection, for the errors of operations that waited for one in vain. */
  constructor(clock: Clock, patienceMs: number, whyNot: () => Error | undefined) {
    this.#clock = clock;
    this.#queue = new RequestQueue(clock, patienceMs);
    this.#whyNot = whyNot;
  }

  call<T>(op: number, call: Call<T>): Promise<T> {
    const { promise, resolve, reject } = Promise.withResolvers<T>();
    try {
      if (this.#closed) throw this.#closed;
      if (this.#unknown.has(op)) throw zkErrorOf(UNIMPLEMENTED, call.what);
      const writer = new JuteWriter();
      call.write(writer);
      const body = writer.done();
      if (body.length > MAX_REQUEST_BYTES)
        throw new ZkError("BAD_ARGUMENTS", `${call.what} has ${body.length} bytes, more than a server accepts`);
      const answer = this.#answer(op, call, resolve, reject);
      this.#queue.push({ op, body, answer }, this.#connection?.outstanding ?? 0);
    } catch (error) {
      reject(error as Error);
    }
    this.#pump();
    return promise;
  }

  /** Whether it is known that a server does not know `op`. */
  lacks(op: number): boolean {
    return this.#unknown.has(op);
  }

  attach(connection: Connection): void {
    this.#connection = connection;
    this.#queue.rest();
    this.#pump();
  }

  /** The connection is gone; what was on it was told so by the connection. */
  detach(): void {
    this.#connection = undefined;
    this.waitOnly();
  }

  /** What waits does so for a limited time. */
  waitOnly(): void {
    this.#queue.watch(() => this.#loss());
  }

  /** Gives up what waits. */
  fail(cause: Error): void {
    this.#queue.fail(cause);
  }

  /** Ends the server's session if there are time and a connection, and then that. Nothing waits longer than `limitMs`. */
  async close(cause: ZkError, limitMs: number): Promise<void> {
    this.#closed = cause;
    this.#queue.fail(cause);
    const connection = this.#connection;
    if (!connection) return;
    if (limitMs === 0) return connection.end(cause);
    const { promise, resolve } = Promise.withResolvers<void>();
    const timer = this.#clock.timer(limitMs, resolve);
    const answer = { what: "closeSession", answered: () => resolve(), lost: () => resolve() };
    connection.send(Op.closeSession, Buffer.alloc(0), answer);
    await promise;
    timer[Symbol.dispose]();
    connection.end(cause);
  }

  #pump(): void {
    const connection = this.#connection;
    if (!connection) return this.waitOnly();
    while (connection.outstanding < WINDOW) {
      const next = this.#queue.shift();
      if (!next) return;
      const { op, body, answer } = next;
      if (this.#unknown.has(op)) answer.lost(zkErrorOf(UNIMPLEMENTED, answer.what));
      else connection.send(op, body, answer);
    }
  }

  #answer<T>(op: number, call: Call<T>, resolve: (value: T) => void, reject: (error: Error) => void): Answer {
    return {
      what: call.what,
      answered: (error, body) => {
        if (error === UNIMPLEMENTED) this.#learn(op, call.what);
        try {
          if (error === NO_NODE && call.missing) resolve(call.missing());
          else if (error !== 0) reject(zkErrorOf(error, call.what));
          else resolve(call.read(body));
        } catch (thrown) {
          reject(asZkError(thrown, call.what));
          if (!(thrown instanceof ZkError)) throw thrown;
        } finally {
          this.#pump();
        }
      },
      lost: (cause) => reject(this.#lost(cause, call.what)),
    };
  }

  /** What comes now waits for the next connection. */
  #learn(op: number, what: string): void {
    this.#unknown.add(op);
    const connection = this.#connection;
    this.#connection = undefined;
    connection?.end(new UnknownOperation(what));
  }

  #lost(cause: Error, what: string): ZkError {
    if (this.#closed) return new ZkError("CLOSED", what, { cause: this.#closed });
    const code = cause instanceof ZkError ? cause.code : "CONNECTION_LOSS";
    return new ZkError(code, `${what}: ${cause.message}`, { cause });
  }

  #loss(): Error {
    const cause = this.#whyNot();
    return new Error(cause ? `no connection: ${cause.message}` : "no connection", { cause });
  }
}

/** A reply that cannot be read is the server's mistake, and ends the connection as well. */
function asZkError(thrown: unknown, what: string): ZkError {
  if (thrown instanceof ZkError) return thrown;
  return new ZkError("MARSHALLING_ERROR", `${what}: ${String(thrown)}`, { cause: thrown });
}
