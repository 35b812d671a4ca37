/** One connection to a ZooKeeper server: handshake, numbered requests, pings, and the end when nothing is heard. */
import type { Duplex } from "node:stream";
import type { Clock } from "linkspan/plugin";
import { FrameReader } from "./frame-reader.ts";
import { JuteReader, JuteWriter } from "./jute.ts";
import {
  type ConnectRequest,
  connectRequest,
  type ConnectResponse,
  frame,
  Op,
  readConnectResponse,
  Xid,
} from "./records.ts";

/** Answers beyond it end the connection. */
const MAX_FRAME_BYTES = 4 * 1024 * 1024;
/** So much of a frame that is not complete counts as a sign of life: less could be a byte now and then. */
const ALIVE_BYTES = 4096;

/** What an answer is given to. Called once with a result or the server's error number, or with `lost`. */
export interface Answer {
  /** For people. */
  readonly what: string;
  answered(error: number, body: JuteReader): void;
  lost(cause: Error): void;
}

export interface ConnectionEvents {
  /** A watch was triggered. */
  notified(type: number, path: string): void;
  /** The last answer that carried a zxid above 0. */
  sawZxid(zxid: bigint): void;
  /** Once, after which nothing else comes. Every answer outstanding was told `lost` before. */
  ended(cause: Error): void;
}

interface Outstanding {
  readonly answer: Answer;
  readonly sentAt: number;
}

/** Owns the socket from the first moment. */
export class Connection {
  readonly #socket: Duplex;
  readonly #clock: Clock;
  readonly #events: ConnectionEvents;
  readonly #frames = new FrameReader(MAX_FRAME_BYTES);
  readonly #outstanding = new Map<number, Outstanding>();
  #handshake: PromiseWithResolvers<ConnectResponse> | undefined;
  #nextXid = 1;
  #timeoutMs = 0;
  #timer: Disposable | undefined;
  #heardAt: number;
  #heardBytes = 0;
  #sentAt: number;
  #ended = false;

  constructor(socket: Duplex, clock: Clock, events: ConnectionEvents) {
    this.#socket = socket;
    this.#clock = clock;
    this.#events = events;
    this.#heardAt = this.#sentAt = clock.now();
    socket.on("data", (bytes: Buffer) => this.#heard(bytes));
    socket.on("error", (error) => this.end(error));
    socket.on("end", () => this.end(new Error("closed by the server")));
    socket.on("close", () => this.end(new Error("closed by the server")));
  }

  get ended(): boolean {
    return this.#ended;
  }

  get outstanding(): number {
    return this.#outstanding.size;
  }

  /** Resolves with what the server granted; from then on silence is noticed. Rejects when the connection ends first. */
  handshake(request: ConnectRequest): Promise<ConnectResponse> {
    const handshake = Promise.withResolvers<ConnectResponse>();
    this.#handshake = handshake;
    this.#write(connectRequest(request));
    return handshake.promise;
  }

  /** Sends `body` as a request of its own number, or of one of the fixed ones. */
  send(op: number, body: Buffer, answer: Answer, fixedXid?: number): void {
    if (this.#ended) return answer.lost(new Error("the connection is closed"));
    const xid = fixedXid ?? this.#takeXid();
    this.#outstanding.set(xid, { answer, sentAt: this.#clock.now() });
    this.#write(Buffer.concat([new JuteWriter(8).int(xid).int(op).done(), body]));
  }

  /** Closes the socket at once. Idempotent. */
  end(cause: Error): void {
    if (this.#ended) return;
    this.#ended = true;
    this.#timer?.[Symbol.dispose]();
    this.#socket.destroy();
    this.#handshake?.reject(cause);
    const outstanding = [...this.#outstanding.values()];
    this.#outstanding.clear();
    for (const { answer } of outstanding) answer.lost(cause);
    this.#events.ended(cause);
  }

  #takeXid(): number {
    const xid = this.#nextXid;
    this.#nextXid = xid === 0x7fff_ffff ? 1 : xid + 1;
    return xid;
  }

  #write(record: Buffer): void {
    if (this.#ended) return;
    this.#sentAt = this.#clock.now();
    this.#socket.write(frame(record));
  }

  #heard(bytes: Buffer): void {
    this.#heardBytes += bytes.length;
    if (this.#heardBytes >= ALIVE_BYTES) this.#isAlive();
    this.#frames.push(bytes);
    try {
      while (!this.#ended) {
        const next = this.#frames.next();
        if (!next) return;
        this.#isAlive();
        this.#take(new JuteReader(next));
      }
    } catch (error) {
      this.end(error as Error);
    }
  }

  #isAlive(): void {
    this.#heardAt = this.#clock.now();
    this.#heardBytes = 0;
  }

  #take(reader: JuteReader): void {
    if (this.#handshake) return this.#greeted(reader, this.#handshake);
    const xid = reader.int();
    const zxid = reader.long();
    const error = reader.int();
    if (xid === Xid.ping) return;
    if (xid === Xid.watch) return this.#notified(reader);
    const outstanding = this.#outstanding.get(xid);
    if (!outstanding) throw new Error(`an answer to request ${xid}, which nobody sent`);
    this.#outstanding.delete(xid);
    if (zxid > 0n) this.#events.sawZxid(zxid);
    outstanding.answer.answered(error, reader);
  }

  #greeted(reader: JuteReader, handshake: PromiseWithResolvers<ConnectResponse>): void {
    const response = readConnectResponse(reader);
    this.#handshake = undefined;
    this.#timeoutMs = response.timeoutMs;
    if (response.timeoutMs > 0) this.#watchSilence();
    handshake.resolve(response);
  }

  #notified(reader: JuteReader): void {
    const type = reader.int();
    reader.int();
    this.#events.notified(type, reader.string());
  }

  /** Pings after a third of the session's time without a request; gives up after two thirds without an answer. */
  #watchSilence(): void {
    if (this.#ended) return;
    const now = this.#clock.now();
    const third = this.#timeoutMs / 3;
    if (now - this.#heardAt >= 2 * third) return this.end(new Error(`nothing heard for ${now - this.#heardAt} ms`));
    const [oldest] = this.#outstanding.values();
    if (oldest && now - oldest.sentAt >= this.#timeoutMs)
      return this.end(new Error(`${oldest.answer.what} not answered for ${now - oldest.sentAt} ms`));
    if (now - this.#sentAt >= third) this.#write(new JuteWriter(8).int(Xid.ping).int(Op.ping).done());
    const next = Math.min(this.#heardAt + 2 * third, this.#sentAt + third);
    this.#timer = this.#clock.timer(Math.max(1, next - now), () => this.#watchSilence());
  }
}
