/** Writes frames into what a connection sends. */
import { flag, FRAME_HEAD_BYTES, frameType, LEAST_FRAME_BYTES, PREFACE } from "./frame.ts";
import type { Output } from "./output.ts";

/** A setting's number and value (RFC 9113 §6.5.1). */
export type Setting = readonly [id: number, value: number];

export class FrameWriter {
  readonly #out: Output;

  constructor(out: Output) {
    this.#out = out;
  }

  preface(): void {
    const out = this.#out;
    out.room(PREFACE.length);
    out.at += PREFACE.copy(out.bytes, out.at);
  }

  settings(settings: readonly Setting[]): void {
    const out = this.#out;
    this.#head(settings.length * 6, frameType.settings, 0, 0);
    for (const [id, value] of settings) {
      out.at = out.bytes.writeUInt16BE(id, out.at);
      out.at = out.bytes.writeUInt32BE(value, out.at);
    }
  }

  settingsAck(): void {
    this.#head(0, frameType.settings, flag.ack, 0);
  }

  /** With the 8 bytes from `from` on. */
  ping(bytes: Uint8Array, from: number, isAck: boolean): void {
    const out = this.#out;
    this.#head(8, frameType.ping, isAck ? flag.ack : 0, 0);
    for (let at = from; at < from + 8; at++) out.bytes[out.at++] = bytes[at] as number;
  }

  windowUpdate(id: number, increment: number): void {
    this.#head(4, frameType.windowUpdate, 0, id);
    this.#uint32(increment);
  }

  reset(id: number, code: number): void {
    this.#head(4, frameType.rstStream, 0, id);
    this.#uint32(code);
  }

  /** `why` is for people who look at the wire; ASCII. */
  goaway(lastId: number, code: number, why = ""): void {
    const out = this.#out;
    this.#head(8 + why.length, frameType.goaway, 0, 0);
    this.#uint32(lastId);
    this.#uint32(code);
    out.at += out.bytes.write(why, out.at, "latin1");
  }

  /** Of at most LEAST_FRAME_BYTES. Returns where `addEndStream` finds it. */
  data(id: number, bytes: Uint8Array, from: number, to: number, isLast: boolean): number {
    const out = this.#out;
    const length = to - from;
    const at = this.#head(length, frameType.data, isLast ? flag.endStream : 0, id);
    if (from === 0 && to === bytes.length) out.bytes.set(bytes, out.at);
    else out.bytes.set(bytes.subarray(from, to), out.at);
    out.at += length;
    return at;
  }

  /** Where a header block may be written in place, of at most `bound` bytes; `endBlock` follows. */
  beginBlock(bound: number): number {
    this.#out.room(bound + FRAME_HEAD_BYTES);
    return this.#out.at + FRAME_HEAD_BYTES;
  }

  /** A whole header block stands from `from` to `to`, of at most LEAST_FRAME_BYTES. Returns as `data` does. */
  endBlock(id: number, from: number, to: number, isLast: boolean): number {
    const at = from - FRAME_HEAD_BYTES;
    const flags = isLast ? flag.endHeaders | flag.endStream : flag.endHeaders;
    writeHead(this.#out.bytes, at, to - from, frameType.headers, flags, id);
    this.#out.at = to;
    return at;
  }

  /** A header block that is longer than one frame. Returns where `addEndStream` finds it, or -1. */
  block(id: number, block: Buffer, length: number, isLast: boolean): number {
    const out = this.#out;
    let first = -1;
    let { writes } = out;
    for (let from = 0; from < length; from += LEAST_FRAME_BYTES) {
      const to = Math.min(length, from + LEAST_FRAME_BYTES);
      const isFirst = from === 0;
      const flags = (to === length ? flag.endHeaders : 0) | (isFirst && isLast ? flag.endStream : 0);
      const at = this.#head(to - from, isFirst ? frameType.headers : frameType.continuation, flags, id);
      out.at += block.copy(out.bytes, out.at, from, to);
      if (!isFirst) continue;
      first = at;
      ({ writes } = out);
    }
    return out.writes === writes ? first : -1;
  }

  /** Makes the HEADERS or DATA frame at `at`, which was written since `writes` grew last, the last of its stream. */
  addEndStream(at: number, writes: number): boolean {
    const out = this.#out;
    if (at < 0 || out.writes !== writes) return false;
    out.bytes[at + 4] = (out.bytes[at + 4] as number) | flag.endStream;
    return true;
  }

  #head(length: number, type: number, flags: number, id: number): number {
    const out = this.#out;
    out.room(FRAME_HEAD_BYTES + length);
    const { at } = out;
    writeHead(out.bytes, at, length, type, flags, id);
    out.at = at + FRAME_HEAD_BYTES;
    return at;
  }

  #uint32(value: number): void {
    this.#out.at = this.#out.bytes.writeUInt32BE(value, this.#out.at);
  }
}

function writeHead(bytes: Buffer, at: number, length: number, type: number, flags: number, id: number): void {
  bytes[at] = length >>> 16;
  bytes[at + 1] = length >>> 8;
  bytes[at + 2] = length;
  bytes[at + 3] = type;
  bytes[at + 4] = flags;
  bytes[at + 5] = id >>> 24;
  bytes[at + 6] = id >>> 16;
  bytes[at + 7] = id >>> 8;
  bytes[at + 8] = id;
}
