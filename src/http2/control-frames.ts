/** What the frames do that carry neither heads nor bodies: SETTINGS, PING, GOAWAY, WINDOW_UPDATE, RST_STREAM, PRIORITY. */
import { ending } from "./closed-streams.ts";
import { errorCode } from "./error-code.ts";
import { cost } from "./flood-guard.ts";
import { flag, frameType, INITIAL_WINDOW, MAX_WINDOW, uint31, uint32 } from "./frame.ts";
import { setting } from "./peer-settings.ts";
import type { Session, SessionHost } from "./session.ts";
import type { Stream } from "./stream.ts";

const PING_BYTES = Buffer.from("linkspan");

const NEVER = Number.POSITIVE_INFINITY;

export class ControlFrames {
  /** Whether the other side has said its settings. */
  hasSettings = false;
  /** Whether it has heard ours. */
  isAcknowledged = false;
  /** Monotonic ms by which it must have. */
  #acknowledgedBy = NEVER;
  /** Monotonic ms by which a PING must be answered. */
  #pongBy = NEVER;
  readonly #session: Session;
  readonly #host: SessionHost;

  constructor(session: Session, host: SessionHost) {
    this.#session = session;
    this.#host = host;
  }

  /** What a stream that is opened now may send us: until it has heard our settings the other side goes by the RFC's. */
  get streamWindow(): number {
    const { streamWindow } = this.#session.settings;
    return this.isAcknowledged ? streamWindow : Math.max(streamWindow, INITIAL_WINDOW);
  }

  /** Says our settings; first of all frames. */
  begin(now: number): void {
    const { writer, settings, intake } = this.#session;
    const { isServer } = this.#host;
    writer.settings([
      [setting.headerTableSize, settings.headerTableBytes],
      ...(isServer
        ? ([[setting.maxConcurrentStreams, settings.maxStreams]] as const)
        : ([[setting.enablePush, 0]] as const)),
      [setting.initialWindowSize, settings.streamWindow],
      [setting.maxFrameSize, settings.maxFrameBytes],
      [setting.maxHeaderListSize, settings.maxHeaderListBytes],
      ...(isServer ? ([[setting.enableConnectProtocol, 1]] as const) : []),
    ]);
    intake.open(settings.connectionWindow);
    this.#acknowledgedBy = now + settings.settingsTimeoutMs;
  }

  /** Asks the other side whether it is there, unless it was asked. */
  ping(now: number): void {
    if (this.isPinging) return;
    this.#pongBy = now + this.#session.settings.pingTimeoutMs;
    this.#session.writer.ping(PING_BYTES, 0, false);
  }

  get isPinging(): boolean {
    return this.#pongBy !== NEVER;
  }

  /** Monotonic ms: what the other side owes us by now ends the connection. */
  check(now: number): void {
    this.#session.guard.check(now);
    if (now >= this.#acknowledgedBy) this.#fail(errorCode.settingsTimeout, "SETTINGS were not acknowledged");
    else if (now >= this.#pongBy) this.#session.destroy();
  }

  frame(type: number, flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    if (type === frameType.windowUpdate) this.#windowUpdate(id, bytes, from, to);
    else if (type === frameType.rstStream) this.#reset(id, bytes, from, to);
    else if (type === frameType.settings) this.#settings(flags, id, bytes, from, to);
    else if (type === frameType.ping) this.#ping(flags, id, bytes, from, to);
    else if (type === frameType.goaway) this.#goaway(id, bytes, from, to);
    else if (type === frameType.priority) this.#priority(id, bytes, from, to);
    else if (type === frameType.pushPromise) this.#fail(errorCode.protocolError, "PUSH_PROMISE was not allowed");
    else this.#session.spend(cost.unknownFrame);
  }

  /** A frame has come on a stream that is closed; of DATA or HEADERS the RFC wants to hear. */
  stray(id: number, isMessage: boolean): void {
    const session = this.#session;
    const how = session.closed.endingOf(id);
    if (how === ending.theirs && isMessage) this.#fail(errorCode.streamClosed, "a frame on a stream that was ended");
    else if (session.spend(cost.lateFrame) && isMessage && how === ending.unknown) {
      session.writer.reset(id, errorCode.streamClosed);
      session.answered();
    }
  }

  #windowUpdate(id: number, bytes: Buffer, from: number, to: number): void {
    if (to - from !== 4) return this.#fail(errorCode.frameSizeError, "WINDOW_UPDATE is not 4 bytes long");
    const session = this.#session;
    const more = uint31(bytes, from);
    if (!session.spend(cost.windowUpdate)) return;
    if (id === 0) {
      if (more === 0) return this.#fail(errorCode.protocolError, "WINDOW_UPDATE by nothing");
      session.gate.window += more;
      if (session.gate.window > MAX_WINDOW) return this.#fail(errorCode.flowControlError, "the window is too large");
      return session.gate.pump();
    }
    const stream = this.#streamOf(id);
    if (stream === undefined) return;
    if (more === 0) return session.streamError(stream, errorCode.protocolError);
    if (stream.sender.window + more > MAX_WINDOW) return session.streamError(stream, errorCode.flowControlError);
    stream.sender.widen(more);
    session.gate.pump();
  }

  #reset(id: number, bytes: Buffer, from: number, to: number): void {
    if (to - from !== 4) return this.#fail(errorCode.frameSizeError, "RST_STREAM is not 4 bytes long");
    const code = uint32(bytes, from);
    const stream = this.#streamOf(id);
    if (stream === undefined) return;
    stream.close(ending.theirs);
    stream.wasReset(code);
    if (this.#host.isServer) this.#session.spend(cost.reset);
  }

  /** The open stream of a frame; undefined where it is closed, or the connection is at its end. */
  #streamOf(id: number): Stream | undefined {
    const stream = this.#session.streams.get(id);
    if (stream !== undefined) return stream;
    if (id === 0 || this.#host.isIdle(id))
      this.#fail(errorCode.protocolError, "a frame on a stream that was not opened");
    else this.stray(id, false);
    return undefined;
  }

  #settings(flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    const session = this.#session;
    const { peer } = session;
    if (id !== 0) return this.#fail(errorCode.protocolError, "SETTINGS on a stream");
    if ((flags & flag.ack) !== 0) return this.#acknowledged(to - from);
    if (!session.spend(cost.settings)) return;
    const before = peer.initialWindow;
    const flaw = peer.read(bytes, from, to);
    if (flaw !== 0) return this.#fail(flaw, "a setting that may not be");
    this.hasSettings = true;
    if (!this.#widenAll(peer.initialWindow - before)) return;
    session.blocks.limit(peer.headerTableSize);
    session.writer.settingsAck();
    session.answered();
    session.gate.pump();
    this.#host.settled();
  }

  /** RFC 9113 §6.9.2. False: a window has become too large. */
  #widenAll(more: number): boolean {
    if (more === 0) return true;
    for (const stream of this.#session.streams.values()) {
      if (stream.sender.window + more > MAX_WINDOW) {
        this.#fail(errorCode.flowControlError, "a setting makes a window too large");
        return false;
      }
      stream.sender.widen(more);
    }
    return true;
  }

  #acknowledged(length: number): void {
    if (length !== 0) return this.#fail(errorCode.frameSizeError, "an acknowledgement has no settings");
    if (!this.hasSettings) return this.#fail(errorCode.protocolError, "the first frame must be SETTINGS");
    if (this.isAcknowledged) return void this.#session.spend(cost.settings);
    const before = this.streamWindow;
    this.isAcknowledged = true;
    this.#acknowledgedBy = NEVER;
    const less = before - this.streamWindow;
    if (less > 0) for (const stream of this.#session.streams.values()) stream.receiver.window -= less;
  }

  #ping(flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    const session = this.#session;
    if (id !== 0) return this.#fail(errorCode.protocolError, "PING on a stream");
    if (to - from !== 8) return this.#fail(errorCode.frameSizeError, "PING is not 8 bytes long");
    if ((flags & flag.ack) !== 0) {
      if (!this.isPinging) return void session.spend(cost.ping);
      this.#pongBy = NEVER;
      return this.#host.ponged();
    }
    if (!session.spend(cost.ping)) return;
    session.writer.ping(bytes, from, true);
    session.answered();
  }

  #goaway(id: number, bytes: Buffer, from: number, to: number): void {
    if (id !== 0) return this.#fail(errorCode.protocolError, "GOAWAY on a stream");
    if (to - from < 8) return this.#fail(errorCode.frameSizeError, "GOAWAY is too short");
    this.#host.goingAway(uint31(bytes, from), uint32(bytes, from + 4));
  }

  #priority(id: number, bytes: Buffer, from: number, to: number): void {
    if (id === 0) return this.#fail(errorCode.protocolError, "PRIORITY on no stream");
    if (to - from !== 5) return this.#fail(errorCode.frameSizeError, "PRIORITY is not 5 bytes long");
    if (uint31(bytes, from) === id) return this.#fail(errorCode.protocolError, "a stream depends on itself");
    this.#session.spend(cost.priority);
  }

  #fail(code: number, why: string): void {
    this.#session.fail(code, why);
  }
}
