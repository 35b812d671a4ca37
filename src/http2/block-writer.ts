/** Writes the heads and trailers of a connection's streams: as HEADERS, with CONTINUATION where one frame is too short. */
import type { Exchange } from "../http/exchange.ts";
import type { Headers } from "../http/headers.ts";
import {
  fieldsBlockBound,
  interimBlock,
  requestBlock,
  requestBlockBound,
  responseBlock,
  responseBlockBound,
  trailersBlock,
} from "./blocks.ts";
import { LEAST_FRAME_BYTES } from "./frame.ts";
import type { FrameWriter } from "./frame-writer.ts";
import { HpackEncoder } from "./hpack-encoder.ts";
import type { Output } from "./output.ts";

/** Each method but `trailers` returns where `FrameWriter.addEndStream` finds the head, or -1. */
export class BlockWriter {
  readonly #encoder = new HpackEncoder();
  readonly #out: Output;
  readonly #writer: FrameWriter;

  constructor(out: Output, writer: FrameWriter) {
    this.#out = out;
    this.#writer = writer;
  }

  /** The other side keeps a table of at most `size` bytes. */
  limit(size: number): void {
    this.#encoder.limit(size);
  }

  request(id: number, x: Exchange, scheme: "http" | "https", isLast: boolean): number {
    const bound = requestBlockBound(x);
    if (bound > LEAST_FRAME_BYTES) {
      const block = Buffer.allocUnsafe(bound);
      return this.#writer.block(id, block, requestBlock(x, scheme, this.#encoder, block, 0), isLast);
    }
    const from = this.#writer.beginBlock(bound);
    return this.#writer.endBlock(id, from, requestBlock(x, scheme, this.#encoder, this.#out.bytes, from), isLast);
  }

  response(id: number, x: Exchange, isLast: boolean): number {
    const bound = responseBlockBound(x);
    if (bound > LEAST_FRAME_BYTES) {
      const block = Buffer.allocUnsafe(bound);
      return this.#writer.block(id, block, responseBlock(x, this.#encoder, block, 0), isLast);
    }
    const from = this.#writer.beginBlock(bound);
    return this.#writer.endBlock(id, from, responseBlock(x, this.#encoder, this.#out.bytes, from), isLast);
  }

  interim(id: number, status: number, headers: Headers): void {
    const block = Buffer.allocUnsafe(fieldsBlockBound(headers));
    this.#writer.block(id, block, interimBlock(status, headers, this.#encoder, block, 0), false);
  }

  /** They end the stream, also where none of them may be sent: an empty block does, as empty DATA would. */
  trailers(id: number, trailers: Headers): void {
    const bound = fieldsBlockBound(trailers);
    if (bound > LEAST_FRAME_BYTES) {
      const block = Buffer.allocUnsafe(bound);
      this.#writer.block(id, block, trailersBlock(trailers, this.#encoder, block, 0), true);
      return;
    }
    const from = this.#writer.beginBlock(bound);
    this.#writer.endBlock(id, from, trailersBlock(trailers, this.#encoder, this.#out.bytes, from), true);
  }
}
