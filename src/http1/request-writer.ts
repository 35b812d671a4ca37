/** Writes the requests of one upstream connection to its socket, in canonical form. */
import type { Socket } from "node:net";
import type { Failure } from "../base/failure.ts";
import type { BodySink, BodySource } from "../http/body.ts";
import type { Exchange } from "../http/exchange.ts";
import type { Headers } from "../http/headers.ts";
import { outBuffer, type OutOwner } from "./out-buffer.ts";
import { Outlet } from "./outlet.ts";
import { lastChunkText, requestHeadText } from "./writer.ts";

/** The connection that a writer belongs to. */
export interface RequestWriterOwner {
  /** The request's body was broken off, or is not as long as it said. */
  requestBroken(failure: Failure | undefined): void;
  /** The caller has ended its direction of the tunnel, and everything has left. */
  tunnelSent(): void;
}

/** "body": the head was gathered, the body is to come. "tunnel": bytes go as they come. "ended": nothing more comes. */
type State = "body" | "tunnel" | "ended";

export class RequestWriter implements BodySink, OutOwner {
  #state: State = "ended";
  #isChunked = false;
  #left = 0;
  isLate = false;
  readonly #outlet: Outlet;
  readonly #socket: Socket;
  readonly #owner: RequestWriterOwner;

  constructor(socket: Socket, owner: RequestWriterOwner) {
    this.#outlet = new Outlet(socket);
    this.#socket = socket;
    this.#owner = owner;
  }

  get hasEnded(): boolean {
    return this.#state === "ended";
  }

  /** Sends the head, and has the body come. */
  send(x: Exchange): void {
    const { requestBody } = x;
    const { length } = requestBody;
    const head = requestHeadText(x.request, length, x.upgrade);
    if (length === 0) {
      this.#state = "ended";
      this.#outlet.later(head);
      return;
    }
    this.#state = "body";
    this.#isChunked = length < 0;
    this.#left = length;
    outBuffer.text(this, head);
    // The head waits for what the source has at hand, so that a small request leaves in one write.
    requestBody.pipe(this);
  }

  /** Sends what `source` has as it is; its end closes this half of the connection. */
  tunnel(source: BodySource): void {
    this.#state = "tunnel";
    source.pipe(this);
  }

  /** The attempt is over: what still comes is thrown away. */
  stop(): void {
    this.#state = "ended";
    outBuffer.discard(this);
    this.#outlet.discard();
  }

  chunk(bytes: Uint8Array): boolean {
    if (this.#state === "ended" || bytes.length === 0) return !this.#outlet.isBlocked;
    if (this.#state === "tunnel") outBuffer.bytes(this, bytes);
    else if (this.#isChunked) {
      outBuffer.text(this, `${bytes.length.toString(16)}\r\n`);
      outBuffer.bytes(this, bytes);
      outBuffer.text(this, "\r\n");
    } else {
      this.#left -= bytes.length;
      if (this.#left < 0) this.#break(undefined);
      else outBuffer.bytes(this, bytes);
    }
    return !this.#outlet.isBlocked;
  }

  end(trailers?: Headers): void {
    if (this.#state === "tunnel") return this.#endTunnel();
    if (this.#state !== "body") return;
    if (!this.#isChunked && this.#left > 0) return this.#break(undefined);
    if (this.#isChunked) outBuffer.text(this, lastChunkText(trailers));
    this.#state = "ended";
    outBuffer.flush(this);
  }

  fail(failure: Failure): void {
    if (this.#state !== "ended") this.#break(failure);
  }

  flush(): void {
    outBuffer.flush(this);
  }

  /** The socket can take more; whether it could not before. */
  unblock(): boolean {
    const was = this.#outlet.isBlocked;
    this.#outlet.isBlocked = false;
    return was;
  }

  emit(bytes: Uint8Array): boolean {
    return this.#outlet.write(bytes);
  }

  #endTunnel(): void {
    outBuffer.flush(this);
    this.#outlet.leave();
    this.#socket.end(() => {
      this.#state = "ended";
      this.#owner.tunnelSent();
    });
  }

  #break(failure: Failure | undefined): void {
    this.stop();
    this.#owner.requestBroken(failure);
  }
}
