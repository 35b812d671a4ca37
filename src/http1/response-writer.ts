/** Writes the answers of one connection to its socket, in canonical form. */
import type { Socket } from "node:net";
import type { Failure } from "../base/failure.ts";
import { hasNoBody } from "../http/answer-body.ts";
import type { BodySink } from "../http/body.ts";
import type { ResponseHead } from "../http/exchange.ts";
import type { Headers } from "../http/headers.ts";
import { outBuffer, type OutOwner } from "./out-buffer.ts";
import { Outlet } from "./outlet.ts";
import {
  type Framing,
  interimHeadText,
  lastChunkText,
  responseFraming,
  responseHeadText,
  tunnelHeadText,
} from "./writer.ts";

/** An answer is gathered as text while no piece of its body is longer, and none has left alone. */
const SHORT = 1024;

/** What an answer needs to know of its request. */
export interface Answered {
  readonly version: number;
  readonly method: string;
}

/** The connection that a writer belongs to. */
export interface WriterOwner {
  /**
   * The answer was broken off, or is not as long as it said: what was sent must not look whole, as it would by a mere
   * end of the connection where `isOpenEnded`.
   */
  cut(isOpenEnded: boolean): void;
}

/** "open": before the head. "body": after it. "ended": the answer is whole. */
type State = "open" | "body" | "ended";

export class ResponseWriter implements BodySink, OutOwner {
  #state: State = "open";
  #framing: Framing = "none";
  #left = 0;
  /** What was gathered of a short answer; "" where it is not short, or some of it has left. */
  #short = "";
  isLate = false;
  readonly #outlet: Outlet;
  readonly #socket: Socket;
  readonly #owner: WriterOwner;

  constructor(socket: Socket, owner: WriterOwner) {
    this.#outlet = new Outlet(socket);
    this.#socket = socket;
    this.#owner = owner;
  }

  get hasBegun(): boolean {
    return this.#state !== "open";
  }

  get hasEnded(): boolean {
    return this.#state === "ended";
  }

  /** Whether an end of the connection would look like the end of the answer, which has not come. */
  get isOpenEnded(): boolean {
    if (this.#state !== "body") return false;
    return this.#framing === "close" || this.#framing === "tunnel";
  }

  /** Whether the caller does not take what was written. */
  get isBlocked(): boolean {
    return this.#outlet.isBlocked;
  }

  reset(): void {
    this.#state = "open";
    this.#framing = "none";
  }

  /** Gathers the head; `flush` or the body's end sends it. Returns whether the connection can stay. */
  head(response: ResponseHead, to: Answered, length: number, keepAlive: boolean): boolean {
    const bodyless = hasNoBody(to.method, response.status);
    this.#framing = responseFraming(length, to.version, bodyless);
    this.#left = bodyless ? 0 : length;
    this.#state = "body";
    const stays = keepAlive && this.#framing !== "close";
    const connection = stays ? (to.version === 10 ? "keep-alive" : "") : "close";
    const text = responseHeadText(response, this.#framing, length, connection);
    if (length <= SHORT) this.#short = text;
    else outBuffer.text(this, text);
    return stays;
  }

  /** Gathers the head of an answer that makes a tunnel of the connection, and whose body ends this half of it. */
  tunnel(response: ResponseHead, upgrade: string): void {
    this.#framing = "tunnel";
    this.#state = "body";
    outBuffer.text(this, tunnelHeadText(response, upgrade));
  }

  /** Sends an interim answer at once; nothing where the final one has begun. */
  interim(status: number, reason: string, headers: Headers): void {
    if (this.#state !== "open") return;
    outBuffer.text(this, interimHeadText(status, reason, headers));
    outBuffer.flush(this);
  }

  chunk(bytes: Uint8Array): boolean {
    if (this.#state !== "body" || bytes.length === 0 || this.#framing === "none") return !this.#outlet.isBlocked;
    if (this.#framing === "length") {
      this.#left -= bytes.length;
      if (this.#left < 0) {
        this.#break();
        return true;
      }
      this.#gather(bytes);
    } else if (this.#framing === "chunked") {
      this.#gatherText(`${bytes.length.toString(16)}\r\n`);
      this.#gather(bytes);
      this.#gatherText("\r\n");
    } else this.#gather(bytes);
    return !this.#outlet.isBlocked;
  }

  end(trailers?: Headers): void {
    if (this.#state !== "body") return;
    if (this.#framing === "length" && this.#left > 0) return this.#break();
    if (this.#framing === "chunked") this.#gatherText(lastChunkText(trailers));
    this.#state = "ended";
    if (this.#short === "") outBuffer.flush(this);
    else {
      this.#outlet.later(this.#short);
      this.#short = "";
    }
    if (this.#framing === "tunnel") this.#socket.end();
  }

  fail(_failure: Failure): void {
    if (this.#state === "body") this.#break();
  }

  flush(): void {
    this.#unshorten();
    outBuffer.flush(this);
  }

  /** What was answered leaves at once: somebody else uses the socket, or ends it. */
  leave(): void {
    this.#outlet.leave();
  }

  /** The connection is over: no more of an answer that is not whole leaves. */
  discard(): void {
    this.#short = "";
    outBuffer.discard(this);
    this.#outlet.leave();
  }

  /** The socket can take more. */
  unblock(): void {
    this.#outlet.isBlocked = false;
  }

  emit(bytes: Uint8Array): boolean {
    return this.#outlet.write(bytes);
  }

  #gatherText(text: string): void {
    if (this.#short === "") outBuffer.text(this, text);
    else this.#short += text;
  }

  #gather(bytes: Uint8Array): void {
    if (bytes.length > SHORT) this.#unshorten();
    if (this.#short === "") outBuffer.bytes(this, bytes);
    else this.#short += latin1(bytes);
  }

  /** Some of a short answer leaves before its end has come, or it is not short. */
  #unshorten(): void {
    if (this.#short === "") return;
    outBuffer.text(this, this.#short);
    this.#short = "";
  }

  #break(): void {
    const { isOpenEnded } = this;
    this.#state = "ended";
    this.flush();
    this.#outlet.leave();
    this.#owner.cut(isOpenEnded);
  }
}

const latin1 = (bytes: Uint8Array): string => (Buffer.isBuffer(bytes) ? bytes : Buffer.from(bytes)).toString("latin1");
