/** Tests of the writer of frames. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { FrameWriter } from "../../../src/http2/frame-writer.ts";
import { Output } from "../../../src/http2/output.ts";
import { type Frame, PREFACE, show, Splitter } from "../../fakes/h2-frames.ts";
import { LinkedSocket } from "../../fakes/linked-sockets.ts";

class Bench {
  readonly socket = new LinkedSocket();
  readonly out = new Output(this.socket, () => undefined);
  readonly writer = new FrameWriter(this.out);
  readonly #splitter = new Splitter();

  frames(): Frame[] {
    this.out.flush();
    return this.#splitter.add(this.socket.takeBytes(1e9));
  }

  shown(): string[] {
    return this.frames().map(show);
  }
}

describe("the writer of frames", () => {
  it("writes each kind as the RFC has it", () => {
    const bench = new Bench();
    bench.writer.settings([
      [3, 100],
      [4, 2 ** 31 - 1],
    ]);
    bench.writer.settingsAck();
    bench.writer.ping(Buffer.from("xx12345678"), 2, true);
    bench.writer.windowUpdate(5, 1000);
    bench.writer.reset(7, 8);
    bench.writer.goaway(9, 11, "calm");
    bench.writer.data(3, Buffer.from("abcdef"), 1, 3, true);
    assert.deepEqual(bench.shown(), [
      "SETTINGS 0 flags 0 (12)",
      "SETTINGS 0 flags 1 (0)",
      "PING 0 flags 1 (8)",
      "WINDOW_UPDATE 5 flags 0 (4)",
      "RST_STREAM 7 flags 0 (4) CANCEL",
      'GOAWAY 0 flags 0 (12) last 9 ENHANCE_YOUR_CALM "calm"',
      "DATA 3 flags 1 (2)",
    ]);
  });

  it("writes the preface", () => {
    const bench = new Bench();
    bench.writer.preface();
    bench.out.flush();
    assert.equal(bench.socket.takeBytes(100).toString("latin1"), PREFACE);
  });

  it("makes the last frame the end of its stream afterwards, unless it has left", () => {
    const bench = new Bench();
    const at = bench.writer.data(1, Buffer.from("x"), 0, 1, false);
    const { writes } = bench.out;
    assert.equal(bench.writer.addEndStream(at, writes), true);
    assert.deepEqual(bench.shown(), ["DATA 1 flags 1 (1)"]);
    assert.equal(bench.writer.addEndStream(at, writes), false);
    assert.equal(bench.writer.addEndStream(-1, bench.out.writes), false);
  });

  it("cuts a long block into HEADERS and CONTINUATION", () => {
    const bench = new Bench();
    const block = Buffer.alloc(40_000, 7);
    const at = bench.writer.block(1, block, block.length, false);
    assert.equal(bench.writer.addEndStream(at, bench.out.writes), true);
    const frames = bench.frames();
    assert.deepEqual(frames.map(show), [
      "HEADERS 1 flags 1 (16384)",
      "CONTINUATION 1 flags 0 (16384)",
      "CONTINUATION 1 flags 4 (7232)",
    ]);
    assert.deepEqual(Buffer.concat(frames.map(({ payload }) => payload)), block);
  });

  it("does not find a head again that left before the rest of its block", () => {
    const bench = new Bench();
    bench.writer.data(1, Buffer.alloc(16_384), 0, 16_384, false);
    bench.writer.data(1, Buffer.alloc(16_384), 0, 16_384, false);
    assert.equal(bench.writer.block(3, Buffer.alloc(50_000), 50_000, false), -1);
  });
});
