/** Takes the DATA of a connection to the streams that it belongs to, and counts it against the windows. */
import { errorCode } from "./error-code.ts";
import { cost } from "./flood-guard.ts";
import type { ControlFrames } from "./control-frames.ts";
import type { Wire, WireStream } from "./wire.ts";

export class DataFrames {
  /** The stream whose DATA is being read; undefined where nobody wants it. */
  #current: WireStream | undefined = undefined;
  #id = 0;
  readonly #wire: Wire;
  readonly #control: ControlFrames;

  constructor(wire: Wire, control: ControlFrames) {
    this.#wire = wire;
    this.#control = control;
  }

  /** A frame begins, of `length` bytes, of which `padding` mean nothing. */
  begin(id: number, length: number, padding: number): void {
    const wire = this.#wire;
    this.#current = undefined;
    if (!wire.intake.took(length)) {
      return wire.fail(errorCode.flowControlError, "more DATA than the connection's window");
    }
    const stream = wire.streams.get(id);
    const flaw = stream === undefined ? 0 : this.#flawOf(stream, length);
    if (stream === undefined || flaw !== 0) {
      wire.intake.used(length);
      if (stream === undefined) this.#control.stray(id, true);
      else wire.streamError(stream, flaw);
      return;
    }
    if (length === padding) wire.spend(cost.emptyFrame);
    else wire.guard.frameMoved();
    this.#current = stream;
    this.#id = id;
    if (padding > 0) stream.receiver.skip(padding);
  }

  content(bytes: Buffer, from: number, to: number): void {
    const stream = this.#current;
    if (stream === undefined) return;
    if (!this.#isWanted(stream)) this.#wire.intake.used(to - from);
    else if (!stream.receiver.content(bytes, from, to)) this.#wire.streamError(stream, errorCode.protocolError);
  }

  end(isLast: boolean): void {
    const stream = this.#current;
    this.#current = undefined;
    if (isLast && stream !== undefined && this.#isWanted(stream)) stream.endReceived(undefined);
  }

  /** A stream that was given up in the middle of the frame may be another one by now, of another connection too. */
  #isWanted(stream: WireStream): boolean {
    return stream.isOpen && this.#wire.streams.get(this.#id) === stream;
  }

  #flawOf(stream: WireStream, length: number): number {
    if (stream.hasReceived) return errorCode.streamClosed;
    if (!stream.takesData) return errorCode.protocolError;
    return stream.receiver.took(length) ? 0 : errorCode.flowControlError;
  }
}
