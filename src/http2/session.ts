/** One HTTP/2 connection, whichever side of it we are: reads frames, and keeps what its streams share. */
import type { Socket } from "node:net";
import { HpackDecoder } from "./hpack-decoder.ts";
import { BlockWriter } from "./block-writer.ts";
import { ClosedStreams } from "./closed-streams.ts";
import { ControlFrames } from "./control-frames.ts";
import { DataFrames } from "./data-frames.ts";
import { errorCode } from "./error-code.ts";
import { cost, FloodGuard } from "./flood-guard.ts";
import { frameType } from "./frame.ts";
import { FrameReader, type FrameUser } from "./frame-reader.ts";
import { FrameWriter } from "./frame-writer.ts";
import { type BlockUser, HeaderFrames } from "./header-frames.ts";
import { Intake } from "./intake.ts";
import { Output } from "./output.ts";
import { PeerSettings } from "./peer-settings.ts";
import { SendGate } from "./send-gate.ts";
import type { Http2Settings } from "./settings.ts";
import type { Stream } from "./stream.ts";

/** The side that a session is of. */
export interface SessionHost {
  readonly isServer: boolean;
  /** Whether no stream of that number was opened yet. */
  isIdle(id: number): boolean;
  /** A whole header block has come for a stream that is not idle, or that the other side may open. */
  headers(id: number, block: Buffer, from: number, to: number, endsStream: boolean): void;
  /** The other side has said its settings (anew). */
  settled(): void;
  /** It takes no stream above `lastId`, and will close. */
  goingAway(lastId: number, code: number): void;
  /** It has answered our PING. */
  ponged(): void;
  /** The connection is at its end, and every stream with it; once. */
  ended(): void;
  /** The stream is closed, or the exchange on it is over: it may be used again where both hold. */
  forgotten(stream: Stream): void;
  /** Something may be done for the last time in this turn. */
  turnEnded(): void;
}

/** "open": frames come and go. "closing": the last frame was sent. "closed": the socket is gone. */
type State = "open" | "closing" | "closed";

/** Answers that the other side asked for may wait so long for it to read. */
const MAX_WAITING_ANSWERS = 256 * 1024;

/** Of a header block before it is decoded; each byte of it may stand for many. */
const MAX_BLOCK_BYTES = 64 * 1024;

export class Session implements FrameUser, BlockUser {
  state: State = "open";
  /** Whether the other side has broken a rule, for which the connection was closed. */
  hasFailed = false;
  readonly settings: Http2Settings;
  readonly streams = new Map<number, Stream>();
  readonly closed = new ClosedStreams();
  readonly guard = new FloodGuard();
  readonly peer: PeerSettings;
  readonly out: Output;
  readonly writer: FrameWriter;
  readonly gate: SendGate;
  readonly intake: Intake;
  readonly decoder: HpackDecoder;
  readonly blocks: BlockWriter;
  readonly control: ControlFrames;
  /** The highest number of a stream that the other side has opened. */
  lastPeerId = 0;
  readonly host: SessionHost;
  readonly #socket: Socket;
  readonly #reader: FrameReader;
  readonly #heads: HeaderFrames;
  readonly #data: DataFrames;
  readonly #bug: (error: unknown) => void;

  constructor(socket: Socket, settings: Http2Settings, host: SessionHost, bug: (error: unknown) => void) {
    this.#socket = socket;
    this.host = host;
    this.#bug = bug;
    this.settings = settings;
    this.peer = new PeerSettings(!host.isServer);
    this.out = new Output(socket, () => host.turnEnded());
    this.writer = new FrameWriter(this.out);
    this.gate = new SendGate(this.writer, this.out, this.guard);
    this.intake = new Intake(this.writer, settings.connectionWindow, settings.windowUpdateRatio);
    this.decoder = new HpackDecoder(settings.headerTableBytes, settings.maxHeaderListBytes);
    this.blocks = new BlockWriter(this.out, this.writer);
    this.control = new ControlFrames(this, host);
    this.#reader = new FrameReader(this, settings.maxFrameBytes);
    this.#heads = new HeaderFrames(this, MAX_BLOCK_BYTES);
    this.#data = new DataFrames(this);
    socket.on("drain", () => this.#drained());
  }

  /** Whether the other side has begun a frame or a head, and not ended it. */
  get isWithin(): boolean {
    return this.#heads.within !== 0 || this.#reader.isWithin;
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

  adopt(stream: Stream): void {
    const { settings, control } = this;
    this.streams.set(stream.id, stream);
    stream.sender.reset(this.gate, this.peer.initialWindow);
    const threshold = Math.max(1, Math.floor(settings.streamWindow * settings.windowUpdateRatio));
    stream.receiver.reset(this.intake, control.streamWindow, threshold);
  }

  forget(stream: Stream, how: number): void {
    this.streams.delete(stream.id);
    this.closed.add(stream.id, how);
    this.out.wake();
    this.host.forgotten(stream);
  }

  /** The other side has broken a rule on one stream. */
  streamError(stream: Stream, code: number): void {
    if (!stream.isOpen) return;
    stream.reset(code);
    stream.wasFlawed();
    this.spend(cost.reset);
  }

  /** Counts what is of no use. False: it was too much, and the connection is at its end. */
  spend(price: number): boolean {
    if (this.guard.spend(price)) return true;
    this.fail(errorCode.enhanceYourCalm, "too many frames of no use");
    return false;
  }

  /** An answer to a frame was written, which costs its sender nothing if it does not read it. */
  answered(): void {
    if (this.out.isBlocked && this.out.waiting > MAX_WAITING_ANSWERS + this.#socket.writableHighWaterMark)
      this.destroy();
  }

  /** Says why, and closes when that was read. Every stream is lost. */
  fail(code: number, why: string): void {
    if (this.state !== "open") return;
    this.hasFailed = true;
    this.writer.goaway(this.lastPeerId, code, why);
    this.end();
  }

  /** Closes when everything that was written was read. */
  end(): void {
    if (this.state !== "open") return;
    this.state = "closing";
    this.#reader.stop();
    this.host.ended();
    this.out.flush();
    this.#socket.end();
  }

  /** Closes at once. */
  destroy(): void {
    if (this.state === "closed") return;
    const wasOpen = this.state === "open";
    this.state = "closed";
    this.#reader.stop();
    this.out.close();
    this.#socket.destroy();
    if (wasOpen) this.host.ended();
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

  #drained(): void {
    this.out.isBlocked = false;
    this.gate.pump();
  }
}
