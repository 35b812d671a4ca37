/** What the frames do that carry neither heads nor bodies: SETTINGS, PING, GOAWAY, WINDOW_UPDATE, RST_STREAM, PRIORITY. */
import { ending } from "./closed-streams.ts";
import { errorCode } from "./error-code.ts";
import { cost } from "./flood-guard.ts";
import { flag, frameType, MAX_WINDOW, uint31, uint32 } from "./frame.ts";
import { setting } from "./peer-settings.ts";
import type { Wire, WireStream } from "./wire.ts";

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
  readonly #wire: Wire;

  constructor(wire: Wire) {
    this.#wire = wire;
  }

  /** Says our settings; first of all frames. */
  begin(now: number): void {
    const { writer, settings, intake } = this.#wire;
    const { isServer } = this.#wire.host;
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
    this.#pongBy = now + this.#wire.settings.pingTimeoutMs;
    this.#wire.writer.ping(PING_BYTES, 0, false);
  }

  get isPinging(): boolean {
    return this.#pongBy !== NEVER;
  }

  /** Monotonic ms: what the other side owes us by now ends the connection. */
  check(now: number): void {
    this.#wire.guard.check(now);
    if (now >= this.#acknowledgedBy) this.#fail(errorCode.settingsTimeout, "SETTINGS were not acknowledged");
    else if (now >= this.#pongBy) this.#wire.destroy();
  }

  frame(type: number, flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    if (type === frameType.windowUpdate) this.#windowUpdate(id, bytes, from, to);
    else if (type === frameType.rstStream) this.#reset(id, bytes, from, to);
    else if (type === frameType.settings) this.#settings(flags, id, bytes, from, to);
    else if (type === frameType.ping) this.#ping(flags, id, bytes, from, to);
    else if (type === frameType.goaway) this.#goaway(id, bytes, from, to);
    else if (type === frameType.priority) this.#priority(id, bytes, from, to);
    else if (type === frameType.pushPromise) this.#fail(errorCode.protocolError, "PUSH_PROMISE was not allowed");
    else this.#wire.spend(cost.unknownFrame);
  }

  /** A frame has come on a stream that is closed; of DATA or HEADERS the RFC wants to hear. */
  stray(id: number, isMessage: boolean): void {
    const wire = this.#wire;
    const how = wire.closed.endingOf(id);
    if (how === ending.theirs && isMessage) this.#fail(errorCode.streamClosed, "a frame on a stream that was ended");
    else if (wire.spend(cost.lateFrame) && isMessage && how === ending.unknown) {
      wire.writer.reset(id, errorCode.streamClosed);
      wire.answered();
    }
  }

  #windowUpdate(id: number, bytes: Buffer, from: number, to: number): void {
    if (to - from !== 4) return this.#fail(errorCode.frameSizeError, "WINDOW_UPDATE is not 4 bytes long");
    const wire = this.#wire;
    const more = uint31(bytes, from);
    if (!wire.spend(cost.windowUpdate)) return;
    if (id === 0) {
      if (more === 0) return this.#fail(errorCode.protocolError, "WINDOW_UPDATE by nothing");
      wire.gate.window += more;
      if (wire.gate.window > MAX_WINDOW) return this.#fail(errorCode.flowControlError, "the window is too large");
      return wire.gate.pump();
    }
    const stream = this.#streamOf(id);
    if (stream === undefined) return;
    if (more === 0) return wire.streamError(stream, errorCode.protocolError);
    if (stream.sender.window + more > MAX_WINDOW) return wire.streamError(stream, errorCode.flowControlError);
    stream.sender.widen(more);
    wire.gate.pump();
  }

  #reset(id: number, bytes: Buffer, from: number, to: number): void {
    if (to - from !== 4) return this.#fail(errorCode.frameSizeError, "RST_STREAM is not 4 bytes long");
    const code = uint32(bytes, from);
    const stream = this.#streamOf(id);
    if (stream === undefined) return;
    stream.close(ending.theirs);
    stream.wasReset(code);
    if (this.#wire.host.isServer) this.#wire.spend(cost.reset);
  }

  /** The open stream of a frame; undefined where it is closed, or the connection is at its end. */
  #streamOf(id: number): WireStream | undefined {
    const stream = this.#wire.streams.get(id);
    if (stream !== undefined) return stream;
    if (id === 0 || this.#wire.host.isIdle(id))
      this.#fail(errorCode.protocolError, "a frame on a stream that was not opened");
    else this.stray(id, false);
    return undefined;
  }

  #settings(flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    const wire = this.#wire;
    const { peer } = wire;
    if (id !== 0) return this.#fail(errorCode.protocolError, "SETTINGS on a stream");
    if ((flags & flag.ack) !== 0) return this.#acknowledged(to - from);
    if (!wire.spend(cost.settings)) return;
    const before = peer.initialWindow;
    const flaw = peer.read(bytes, from, to);
    if (flaw !== 0) return this.#fail(flaw, "a setting that may not be");
    this.hasSettings = true;
    if (!this.#widenAll(peer.initialWindow - before)) return;
    wire.blocks.limit(peer.headerTableSize);
    wire.writer.settingsAck();
    wire.answered();
    wire.gate.pump();
    this.#wire.host.settled();
  }

  /** RFC 9113 §6.9.2. False: a window has become too large. */
  #widenAll(more: number): boolean {
    if (more === 0) return true;
    for (const stream of this.#wire.streams.values()) {
      if (stream.sender.window + more > MAX_WINDOW) {
        this.#fail(errorCode.flowControlError, "a setting makes a window too large");
        return false;
      }
      stream.sender.widen(more);
    }
    return true;
  }

  #acknowledged(length: number): void {
    const wire = this.#wire;
    if (length !== 0) return this.#fail(errorCode.frameSizeError, "an acknowledgement has no settings");
    if (!this.hasSettings) return this.#fail(errorCode.protocolError, "the first frame must be SETTINGS");
    if (this.isAcknowledged) return void wire.spend(cost.settings);
    this.isAcknowledged = true;
    this.#acknowledgedBy = NEVER;
    wire.decoder.acknowledged();
    const less = wire.streamWindow - wire.settings.streamWindow;
    wire.streamWindow -= less;
    if (less > 0) for (const stream of wire.streams.values()) stream.receiver.window -= less;
  }

  #ping(flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    const wire = this.#wire;
    if (id !== 0) return this.#fail(errorCode.protocolError, "PING on a stream");
    if (to - from !== 8) return this.#fail(errorCode.frameSizeError, "PING is not 8 bytes long");
    if ((flags & flag.ack) !== 0) {
      if (!this.isPinging) return void wire.spend(cost.ping);
      this.#pongBy = NEVER;
      return this.#wire.host.ponged();
    }
    if (!wire.spend(cost.ping)) return;
    wire.writer.ping(bytes, from, true);
    wire.answered();
  }

  #goaway(id: number, bytes: Buffer, from: number, to: number): void {
    if (id !== 0) return this.#fail(errorCode.protocolError, "GOAWAY on a stream");
    if (to - from < 8) return this.#fail(errorCode.frameSizeError, "GOAWAY is too short");
    if (!this.#wire.spend(cost.goaway)) return;
    this.#wire.host.goingAway(uint31(bytes, from), uint32(bytes, from + 4));
  }

  #priority(id: number, bytes: Buffer, from: number, to: number): void {
    if (id === 0) return this.#fail(errorCode.protocolError, "PRIORITY on no stream");
    if (to - from !== 5) return this.#fail(errorCode.frameSizeError, "PRIORITY is not 5 bytes long");
    if (uint31(bytes, from) === id) return this.#fail(errorCode.protocolError, "a stream depends on itself");
    this.#wire.spend(cost.priority);
  }

  #fail(code: number, why: string): void {
    this.#wire.fail(code, why);
  }
}
