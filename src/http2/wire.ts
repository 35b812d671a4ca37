/** What the streams of one HTTP/2 connection share: what is sent, the windows, the settings, and how it ends. */
import type { Socket } from "node:net";
import { BlockWriter } from "./block-writer.ts";
import { ClosedStreams } from "./closed-streams.ts";
import { errorCode } from "./error-code.ts";
import { cost, FloodGuard } from "./flood-guard.ts";
import { INITIAL_WINDOW } from "./frame.ts";
import { FrameWriter } from "./frame-writer.ts";
import { HpackDecoder } from "./hpack-decoder.ts";
import { Intake } from "./intake.ts";
import { Output } from "./output.ts";
import { PeerSettings } from "./peer-settings.ts";
import { SendGate } from "./send-gate.ts";
import type { Http2Settings } from "./settings.ts";
import type { StreamReceiver } from "./stream-receiver.ts";
import type { StreamSender } from "./stream-sender.ts";
import { StreamTable } from "./stream-table.ts";
import type { Failure } from "../base/failure.ts";
import type { Headers } from "../http/headers.ts";

/** What a connection knows of its streams. */
export interface WireStream {
  readonly id: number;
  readonly sender: StreamSender;
  readonly receiver: StreamReceiver;
  /** Whether frames may still come or go. */
  readonly isOpen: boolean;
  /** Whether the last frame has come. */
  readonly hasReceived: boolean;
  /** Whether a body may come (yet). */
  readonly takesData: boolean;
  /** Whether nobody looks at it any more; true once. */
  retires(): boolean;
  /** The last frame has come, with its trailers. */
  endReceived(trailers: Headers | undefined): void;
  /** Breaks it off. */
  reset(code: number): void;
  /** The connection forgets it. */
  close(how: number): void;
  /** The other side has reset it. */
  wasReset(code: number): void;
  /** The other side has broken a rule on it, for which it was reset. */
  wasFlawed(): void;
  /** The connection is gone. */
  lost(failure: Failure): void;
}

/** The side that a connection is of. */
export interface WireHost {
  readonly isServer: boolean;
  /** Whether no stream of that number was opened yet. */
  isIdle(id: number): boolean;
  /** A whole header block has come; it is borrowed. */
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
  forgotten(stream: WireStream): void;
  /** Something may be done for the last time in this turn. */
  turnEnded(): void;
}

/** "open": frames come and go. "closing": the last frame was sent. "closed": the socket is gone. */
type State = "open" | "closing" | "closed";

/** Answers that the other side asked for may wait so long for it to read. */
const MAX_WAITING_ANSWERS = 256 * 1024;

export abstract class Wire {
  state: State = "open";
  /** Whether the other side has broken a rule, for which the connection was closed. */
  hasFailed = false;
  /** The highest number of a stream that the other side has opened. */
  lastPeerId = 0;
  /** What the other side may send on a stream that is opened now: until it has heard our settings it goes by the RFC's. */
  streamWindow: number;
  readonly settings: Http2Settings;
  readonly host: WireHost;
  readonly streams = new StreamTable<WireStream>();
  readonly closed = new ClosedStreams();
  readonly guard = new FloodGuard();
  readonly peer: PeerSettings;
  readonly out: Output;
  readonly writer: FrameWriter;
  readonly gate: SendGate;
  readonly intake: Intake;
  readonly decoder: HpackDecoder;
  readonly blocks: BlockWriter;
  readonly #threshold: number;
  readonly #socket: Socket;

  constructor(socket: Socket, settings: Http2Settings, host: WireHost) {
    this.#socket = socket;
    this.host = host;
    this.settings = settings;
    this.streamWindow = Math.max(settings.streamWindow, INITIAL_WINDOW);
    this.#threshold = Math.max(1, Math.floor(settings.streamWindow * settings.windowUpdateRatio));
    this.peer = new PeerSettings(!host.isServer);
    this.out = new Output(socket, () => host.turnEnded());
    this.writer = new FrameWriter(this.out);
    this.gate = new SendGate(this.writer, this.out, this.guard);
    this.intake = new Intake(this.writer, settings.connectionWindow, settings.windowUpdateRatio);
    this.decoder = new HpackDecoder(settings.headerTableBytes, settings.maxHeaderListBytes);
    this.blocks = new BlockWriter(this.out, this.writer);
    socket.on("drain", () => this.#drained());
  }

  /** Reads no more. */
  protected abstract stopReading(): void;

  adopt(stream: WireStream): void {
    this.streams.add(stream);
    stream.sender.reset(this.gate, this.peer.initialWindow);
    stream.receiver.reset(this.intake, this.streamWindow, this.#threshold);
  }

  forget(stream: WireStream, how: number): void {
    this.streams.delete(stream.id);
    this.closed.add(stream.id, how);
    this.out.wake();
    this.host.forgotten(stream);
  }

  /** The other side has broken a rule on one stream. */
  streamError(stream: WireStream, code: number): void {
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
    const { out } = this;
    if (out.isBlocked && out.waiting > MAX_WAITING_ANSWERS + this.#socket.writableHighWaterMark) this.destroy();
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
    this.stopReading();
    this.out.flush();
    this.out.close();
    this.#socket.end();
    this.host.ended();
  }

  /** Closes at once. */
  destroy(): void {
    if (this.state === "closed") return;
    const wasOpen = this.state === "open";
    this.state = "closed";
    this.stopReading();
    this.out.close();
    this.#socket.destroy();
    if (wasOpen) this.host.ended();
  }

  #drained(): void {
    this.out.isBlocked = false;
    this.gate.pump();
  }
}
