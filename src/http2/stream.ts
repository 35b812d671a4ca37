/** One stream of a connection: its two halves, and the states between open and closed (RFC 9113 §5.1). */
import type { Failure } from "../base/failure.ts";
import type { Headers } from "../http/headers.ts";
import { ending } from "./closed-streams.ts";
import { errorCode } from "./error-code.ts";
import type { Wire, WireStream } from "./wire.ts";
import { type ReceiveEnd, StreamReceiver } from "./stream-receiver.ts";
import { type SendEnd, StreamSender } from "./stream-sender.ts";

/** Used for one stream after the other, of any connection of its kind. */
export abstract class Stream implements SendEnd, ReceiveEnd, WireStream {
  id = 0;
  /** Whether frames may still come or go; the connection knows it then. */
  isOpen = false;
  /** The last frame was sent. */
  hasSent = false;
  /** The last frame has come. */
  hasReceived = false;
  /** Whether an exchange is on it whose end was not heard of. */
  inFlight = false;
  #isRetired = false;
  readonly sender: StreamSender = new StreamSender(this);
  readonly receiver: StreamReceiver = new StreamReceiver(this);
  #wire: Wire | undefined = undefined;

  /** Whether a body may come (yet). */
  abstract get takesData(): boolean;
  /** The other side has reset the stream. */
  abstract wasReset(code: number): void;
  /** The other side has broken a rule on this stream, which was reset for it. */
  abstract wasFlawed(): void;
  /** The connection is gone. */
  abstract lost(failure: Failure): void;
  abstract received(): void;
  abstract wantsMore(): void;
  abstract sendBroken(failure: Failure | undefined): void;
  /** The last frame was sent. */
  protected abstract sentAll(): void;

  get wire(): Wire {
    return this.#wire as Wire;
  }

  open(wire: Wire, id: number): void {
    this.#wire = wire;
    this.id = id;
    this.isOpen = true;
    this.hasSent = false;
    this.hasReceived = false;
    this.#isRetired = false;
    wire.adopt(this);
  }

  sent(): void {
    this.hasSent = true;
    if (this.hasReceived) this.close(ending.theirs);
    this.sentAll();
  }

  /** The last frame of the other side has come. */
  endReceived(trailers: Headers | undefined): void {
    this.hasReceived = true;
    if (!this.receiver.end(trailers)) this.wire.streamError(this, errorCode.protocolError);
    else if (this.hasSent) this.close(ending.theirs);
  }

  retires(): boolean {
    if (this.isOpen || this.inFlight || this.#isRetired) return false;
    this.#isRetired = true;
    return true;
  }

  trailersFor(trailers: Headers | undefined): Headers | undefined {
    return trailers;
  }

  writeTrailers(trailers: Headers): void {
    this.wire.blocks.trailers(this.id, trailers);
  }

  /** Breaks the stream off. */
  reset(code: number): void {
    if (!this.isOpen) return;
    this.wire.writer.reset(this.id, code);
    this.close(ending.ours);
  }

  /** The connection forgets the stream, which is `how` at its end. */
  close(how: number): void {
    if (!this.isOpen) return;
    this.isOpen = false;
    this.sender.close();
    this.wire.forget(this, how);
  }
}
