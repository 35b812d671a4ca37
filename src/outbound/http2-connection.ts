/** One connection of HTTP/2 to a registry: its streams, and the PING that shows whether anybody is at its other end. */
import type { ClientHttp2Session, ClientHttp2Stream, OutgoingHttpHeaders } from "node:http2";
import type { Duplex } from "node:stream";
import type { HttpMultiplexing } from "../base/http.ts";
import type { Clock } from "../base/time.ts";
import { KEEP_IDLE_MS } from "./request-limits.ts";

/** Of each stream: lists are long, and the way to an API server can be, too. */
const STREAM_WINDOW = 1024 * 1024;
/** In MB, of what Node holds for the streams; at its own 10 it refuses further ones. */
const MOST_MEMORY = 128;

export interface Http2Parts {
  readonly shown: string;
  readonly multiplexing: HttpMultiplexing;
  readonly clock: Clock;
  /** It has room for a stream again, or is no more. */
  changed(): void;
}

export class Http2Connection {
  /** Resolves when the server has said how many streams it takes; rejects where it never will. */
  readonly ready: Promise<void>;
  readonly #parts: Http2Parts;
  readonly #socket: Duplex & { readonly bytesRead?: number };
  readonly #session: ClientHttp2Session;
  #open = 0;
  #hasServed = false;
  /** Until the next PING, or until its answer; while nothing is open, until the end. */
  #timer: Disposable | undefined;

  /** Owns `socket`. */
  constructor(socket: Duplex, parts: Http2Parts) {
    this.#parts = parts;
    this.#socket = socket;
    // Importing it costs memory that those who speak HTTP/1 only need not pay.
    const { connect } = process.getBuiltinModule("node:http2");
    this.#session = connect(parts.shown, {
      createConnection: () => socket,
      settings: { enablePush: false, initialWindowSize: STREAM_WINDOW },
      maxSessionMemory: MOST_MEMORY,
    });
    this.ready = new Promise((resolve, reject) => {
      this.#session.on("remoteSettings", () => {
        resolve();
        parts.changed();
      });
      // Its streams tell, each for itself.
      this.#session.on("error", reject);
      this.#session.once("close", () => {
        this.#stopTimer();
        reject(Object.assign(new Error("the connection was closed before its first frame"), { code: "ECONNRESET" }));
        parts.changed();
      });
    });
    this.ready.catch(() => undefined);
    this.#session.once("goaway", () => parts.changed());
    this.#rest();
  }

  get isOver(): boolean {
    return this.#session.destroyed;
  }

  /** A server that has sent GOAWAY takes no more streams, and ends those that it has (RFC 9113 §6.8). */
  get hasRoom(): boolean {
    const { closed, destroyed, remoteSettings } = this.#session;
    return !closed && !destroyed && this.#open < (remoteSettings.maxConcurrentStreams ?? Infinity);
  }

  /** The server takes no stream at all for now. */
  get isShut(): boolean {
    const { closed, destroyed, remoteSettings } = this.#session;
    return !closed && !destroyed && remoteSettings.maxConcurrentStreams === 0;
  }

  /** Whether a request was answered on it; it may be closed as the next one comes. */
  get hasServed(): boolean {
    return this.#hasServed;
  }

  request(headers: OutgoingHttpHeaders, body: string | Uint8Array | undefined): ClientHttp2Stream {
    const stream = this.#session.request(headers, { endStream: body === undefined });
    if (this.#open++ === 0) this.#watch();
    stream.once("response", () => (this.#hasServed = true));
    stream.once("close", () => {
      if (--this.#open === 0 && !this.isOver) this.#rest();
      this.#parts.changed();
    });
    if (body !== undefined) stream.end(body);
    return stream;
  }

  destroy(reason?: Error): void {
    this.#stopTimer();
    this.#session.destroy(reason);
    this.#socket.destroy();
  }

  /** Waits for the next PING. */
  #watch(): void {
    const { clock, multiplexing } = this.#parts;
    this.#wait(clock, multiplexing.pingMs, () => this.#ping());
  }

  #ping(): void {
    // Node throws where a session has ended, which it tells only later.
    if (this.isOver) return;
    let isAnswered = false;
    const answered = (error: Error | null): void => {
      isAnswered = true;
      if (error === null && this.#open > 0) this.#watch();
    };
    // Node sends no PING after GOAWAY; SETTINGS, too, are acknowledged.
    if (this.#session.closed) this.#session.settings({ enablePush: false }, answered);
    else this.#session.ping(answered);
    this.#expect(() => isAnswered);
  }

  /**
   * Whatever comes shows that somebody is there: an answer to PING may wait behind a long body. In two steps, since
   * after a pause of this process timers run before what came meanwhile is read.
   */
  #expect(isAnswered: () => boolean, step = 0, heard = this.#socket.bytesRead): void {
    const { clock, multiplexing } = this.#parts;
    this.#wait(clock, multiplexing.pingTimeoutMs / 2, () => {
      if (isAnswered()) return;
      const { bytesRead } = this.#socket;
      if (bytesRead !== heard) this.#expect(isAnswered, 0, bytesRead);
      else if (step === 0) this.#expect(isAnswered, 1, heard);
      else this.destroy(this.#silent());
    });
  }

  #silent(): Error {
    const { shown, multiplexing } = this.#parts;
    const why = `${shown} has not answered a PING for ${multiplexing.pingTimeoutMs} ms`;
    return Object.assign(new Error(why), { code: "ETIMEDOUT" });
  }

  /** Nothing is open on it. */
  #rest(): void {
    this.#wait(this.#parts.clock, KEEP_IDLE_MS, () => this.destroy());
  }

  #wait(clock: Clock, ms: number, then: () => void): void {
    this.#stopTimer();
    this.#timer = clock.timer(ms, then);
  }

  #stopTimer(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }
}
