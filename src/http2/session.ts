/** One HTTP/2 connection, whichever side of it we are: reads its frames, and takes each to where it belongs. */
import type { Socket } from "node:net";
import { ControlFrames } from "./control-frames.ts";
import { DataFrames } from "./data-frames.ts";
import { errorCode } from "./error-code.ts";
import { frameType } from "./frame.ts";
import { FrameReader, type FrameUser } from "./frame-reader.ts";
import { type BlockUser, HeaderFrames } from "./header-frames.ts";
import type { FieldSink } from "./hpack-decoder.ts";
import type { Http2Settings } from "./settings.ts";
import { Wire, type WireHost } from "./wire.ts";

/** Of a header block before it is decoded; each byte of it may stand for many. */
const MAX_BLOCK_BYTES = 64 * 1024;

const nobody: FieldSink = { field: () => undefined };

export class Session extends Wire implements FrameUser, BlockUser {
  readonly control: ControlFrames;
  readonly #reader: FrameReader;
  readonly #heads: HeaderFrames;
  readonly #data: DataFrames;
  readonly #bug: (error: unknown) => void;

  constructor(socket: Socket, settings: Http2Settings, host: WireHost, bug: (error: unknown) => void) {
    super(socket, settings, host);
    this.#bug = bug;
    this.control = new ControlFrames(this);
    this.#reader = new FrameReader(this, settings.maxFrameBytes);
    this.#heads = new HeaderFrames(this, Math.max(MAX_BLOCK_BYTES, settings.maxHeaderListBytes));
    this.#data = new DataFrames(this, this.control);
  }

  /** Whether the other side has begun a frame or a head, and not ended it. */
  get isWithin(): boolean {
    return this.#heads.within !== 0 || this.#reader.isWithin;
  }

  /** The stream of the head that has begun and not ended; 0 for none. */
  get head(): number {
    return this.#heads.within;
  }

  /** Frames that have come. */
  get frames(): number {
    return this.#reader.frames;
  }

  /** `bytes` are borrowed until it returns. */
  read(bytes: Buffer, from = 0): void {
    if (this.state !== "open") return;
    try {
      this.intake.isReading = true;
      this.#reader.read(bytes, from);
      this.intake.isReading = false;
      this.intake.settle();
    } catch (error) {
      this.intake.isReading = false;
      this.#bug(error);
      this.fail(errorCode.internalError, "a defect");
    }
  }

  frame(type: number, flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    if (this.#breaksOrder(type, id)) return;
    if (type === frameType.headers) this.#heads.begin(flags, id, bytes, from, to);
    else if (type === frameType.continuation) this.#heads.goOn(flags, bytes, from, to);
    else this.control.frame(type, flags, id, bytes, from, to);
  }

  data(id: number, length: number, padding: number): void {
    if (!this.#breaksOrder(frameType.data, id)) this.#data.begin(id, length, padding);
  }

  content(bytes: Buffer, from: number, to: number): void {
    this.#data.content(bytes, from, to);
  }

  dataEnd(isLast: boolean): void {
    this.#data.end(isLast);
  }

  block(id: number, bytes: Buffer, from: number, to: number, endsStream: boolean): void {
    if (id === 0) return this.fail(errorCode.protocolError, "HEADERS on no stream");
    this.host.headers(id, bytes, from, to, endsStream);
  }

  broken(code: number, why: string): void {
    this.fail(code, why);
  }

  /** Decodes a block into `sink`; without one it is read so that the table stays in step. */
  decode(block: Buffer, from: number, to: number, sink = nobody): "compression" | "too-large" | undefined {
    const outcome = this.decoder.decode(block, from, to, sink);
    if (outcome === "compression") this.fail(errorCode.compressionError, "a header block cannot be read");
    return outcome;
  }

  protected stopReading(): void {
    this.#reader.stop();
  }

  /** Sees to what only one frame in a row may interrupt. True: the connection is at its end. */
  #breaksOrder(type: number, id: number): boolean {
    const { within } = this.#heads;
    const isRest = type === frameType.continuation;
    if (within === 0 ? isRest : !isRest || id !== within) {
      this.fail(errorCode.protocolError, "a header block was interrupted, or continued without having begun");
    } else if (!this.control.hasSettings && type !== frameType.settings) {
      this.fail(errorCode.protocolError, "the first frame must be SETTINGS");
    } else if (type === frameType.data && (id === 0 || this.host.isIdle(id))) {
      this.fail(errorCode.protocolError, "DATA on a stream that was not opened");
    } else return false;
    return true;
  }
}
