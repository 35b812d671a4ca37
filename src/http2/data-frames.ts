/** Takes the DATA of a connection to the streams that it belongs to, and counts it against the windows. */
import { errorCode } from "./error-code.ts";
import { cost } from "./flood-guard.ts";
import type { Session } from "./session.ts";
import type { Stream } from "./stream.ts";

export class DataFrames {
  /** The stream whose DATA is being read; undefined where nobody wants it. */
  #current: Stream | undefined = undefined;
  readonly #session: Session;

  constructor(session: Session) {
    this.#session = session;
  }

  /** A frame begins, of `length` bytes, of which `padding` mean nothing. */
  begin(id: number, length: number, padding: number): void {
    const session = this.#session;
    this.#current = undefined;
    if (!session.intake.took(length)) {
      return session.fail(errorCode.flowControlError, "more DATA than the connection's window");
    }
    const stream = session.streams.get(id);
    const flaw = stream === undefined ? 0 : this.#flawOf(stream, length);
    if (stream === undefined || flaw !== 0) {
      session.intake.used(length);
      if (stream === undefined) session.control.stray(id, true);
      else session.streamError(stream, flaw);
      return;
    }
    if (length === padding) session.spend(cost.emptyFrame);
    else session.guard.frameMoved();
    this.#current = stream;
    if (padding > 0) stream.receiver.skip(padding);
  }

  content(bytes: Buffer, from: number, to: number): void {
    const stream = this.#current;
    if (stream === undefined) return;
    if (!stream.isOpen) this.#session.intake.used(to - from);
    else if (!stream.receiver.content(bytes, from, to)) this.#session.streamError(stream, errorCode.protocolError);
  }

  end(isLast: boolean): void {
    const stream = this.#current;
    this.#current = undefined;
    if (isLast && stream !== undefined && stream.isOpen) stream.endReceived(undefined);
  }

  #flawOf(stream: Stream, length: number): number {
    if (stream.hasReceived) return errorCode.streamClosed;
    if (!stream.takesData) return errorCode.protocolError;
    return stream.receiver.took(length) ? 0 : errorCode.flowControlError;
  }
}
