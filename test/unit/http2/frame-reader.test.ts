/** Tests of the reader of frames. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import fc from "fast-check";
import { FrameReader, type FrameUser } from "../../../src/http2/frame-reader.ts";
import { codeNames, data, frame, ping, T } from "../../fakes/h2-frames.ts";

/** Writes down what it hears; the pieces of a body are joined, for how it was cut means nothing. */
class Listener implements FrameUser {
  readonly heard: string[] = [];
  #body = "";
  frame(type: number, flags: number, id: number, bytes: Buffer, from: number, to: number): void {
    const text = type > T.CONTINUATION ? "" : bytes.toString("hex", from, to);
    this.heard.push(`${type} ${flags} ${id} ${text}`);
  }
  data(id: number, length: number, padding: number): void {
    this.#body = `DATA ${id} of ${length}, padding ${padding}:`;
  }
  content(bytes: Buffer, from: number, to: number): void {
    this.#body += bytes.toString("hex", from, to);
  }
  dataEnd(isLast: boolean): void {
    this.heard.push(this.#body + (isLast ? " end" : ""));
  }
  broken(code: number): void {
    this.heard.push(`broken ${codeNames[code]}`);
  }
}

/** What is heard of `bytes` when they come in pieces of `sizes`, over and over. */
function heard(bytes: Buffer, sizes: readonly number[] = [bytes.length], maxFrameBytes = 16_384): readonly string[] {
  const listener = new Listener();
  const reader = new FrameReader(listener, maxFrameBytes);
  for (let at = 0, piece = 0; at < bytes.length; piece++) {
    const part = Buffer.from(bytes.subarray(at, at + (sizes[piece % sizes.length] as number)));
    at += part.length;
    reader.read(part);
    // They were borrowed.
    part.fill(0xee);
  }
  return listener.heard;
}

const anyFrame = fc.oneof(
  fc
    .tuple(fc.integer({ min: 1, max: 9 }), fc.nat(255), fc.nat(2 ** 31 - 1), fc.uint8Array({ maxLength: 200 }))
    .map(([type, flags, id, payload]) => frame(type, flags, id, payload)),
  fc
    .tuple(fc.integer({ min: 10, max: 255 }), fc.uint8Array({ maxLength: 50 }))
    .map(([type, payload]) => frame(type, 0, 1, payload)),
  fc
    .tuple(fc.uint8Array({ maxLength: 300 }), fc.boolean(), fc.option(fc.nat(255), { nil: undefined }))
    .map(([body, end, pad]) => data(3, Buffer.from(body), pad === undefined ? { end } : { end, pad })),
);

describe("the reader of frames", () => {
  it("hears the same however the bytes are cut", () => {
    fc.assert(
      fc.property(
        fc.array(anyFrame, { minLength: 1, maxLength: 12 }),
        fc.array(fc.integer({ min: 1, max: 40 }), { minLength: 1, maxLength: 6 }),
        (frames, sizes) => {
          const bytes = Buffer.concat(frames);
          assert.deepEqual(heard(bytes, sizes), heard(bytes));
          assert.deepEqual(heard(bytes, [1]), heard(bytes));
        },
      ),
      { numRuns: 300 },
    );
  });

  it("counts padding, and keeps it to itself", () => {
    assert.deepEqual(heard(data(1, "ab", { pad: 3, end: true })), ["DATA 1 of 6, padding 4:6162 end"]);
    assert.deepEqual(heard(data(1, "", { pad: 0 })), ["DATA 1 of 1, padding 1:"]);
  });

  it("ignores the reserved bit of a stream's number", () => {
    assert.deepEqual(heard(frame(T.PING, 0, 0, Buffer.alloc(8), { reserved: true })), [`6 0 0 ${"00".repeat(8)}`]);
  });

  it("refuses a frame that is longer than was agreed, before it has come", () => {
    const head = frame(T.PING, 0, 0, Buffer.alloc(0), { length: 16_385 });
    assert.deepEqual(heard(head), ["broken FRAME_SIZE_ERROR"]);
    const allowed = frame(T.DATA, 0, 1, Buffer.alloc(0), { length: 16_385 });
    assert.deepEqual(heard(allowed, undefined, 20_000), []);
  });

  it("holds no frame that nobody needs, however long frames may be", () => {
    const long = frame(T.SETTINGS, 0, 0, Buffer.alloc(0), { length: 1_000_000 });
    assert.deepEqual(heard(long, undefined, 2 ** 24 - 1), ["broken ENHANCE_YOUR_CALM"]);
    const unknown = frame(77, 0, 0, Buffer.alloc(1_000_000));
    assert.deepEqual(heard(Buffer.concat([unknown, ping()]), [60_000], 2 ** 24 - 1), [
      "77 0 0 ",
      `6 0 0 ${Buffer.from("pingpong").toString("hex")}`,
    ]);
  });

  it("refuses padding that is as long as its frame, or has no place", () => {
    assert.deepEqual(heard(frame(T.DATA, 8, 1, Buffer.of(3, 0, 0))), ["broken PROTOCOL_ERROR"]);
    assert.deepEqual(heard(frame(T.DATA, 8, 1)), ["broken FRAME_SIZE_ERROR"]);
  });

  it("knows that a frame has begun, and reads nothing once it was stopped", () => {
    const listener = new Listener();
    const reader = new FrameReader(listener, 16_384);
    reader.read(ping().subarray(0, 5));
    assert.equal(reader.isWithin, true);
    reader.read(ping().subarray(5, 12));
    assert.equal(reader.isWithin, true);
    reader.read(ping().subarray(12));
    assert.equal(reader.isWithin, false);
    assert.equal(reader.frames, 1);
    reader.stop();
    reader.read(ping());
    assert.equal(listener.heard.length, 1);
  });
});
