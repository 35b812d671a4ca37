/** Tests of header blocks in one frame and in many. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderFrames } from "../../../src/http2/header-frames.ts";
import { codeNames, continuation, headers } from "../../fakes/h2-frames.ts";

class Bench {
  readonly heard: string[] = [];
  readonly frames: HeaderFrames;

  constructor(limit = 1000) {
    this.frames = new HeaderFrames(
      {
        block: (id, bytes, from, to, endsStream) =>
          void this.heard.push(`${id} ${bytes.toString("latin1", from, to)}${endsStream ? " end" : ""}`),
        fail: (code) => void this.heard.push(codeNames[code] as string),
      },
      limit,
    );
  }

  begin(frame: Buffer): this {
    this.frames.begin(frame[4] as number, frame.readUInt32BE(5), frame, 9, frame.length);
    return this;
  }

  goOn(frame: Buffer): this {
    this.frames.goOn(frame[4] as number, frame, 9, frame.length);
    return this;
  }
}

describe("header blocks", () => {
  it("a block in one frame is handed on in place, without padding and priority", () => {
    const bench = new Bench();
    bench.begin(headers(1, Buffer.from("abc"), { end: true, pad: 3, dependsOn: 9 }));
    bench.begin(headers(3, Buffer.from("de")));
    assert.deepEqual(bench.heard, ["1 abc end", "3 de"]);
    assert.equal(bench.frames.within, 0);
  });

  it("fragments are put together", () => {
    const bench = new Bench();
    bench.begin(headers(1, Buffer.from("ab"), { end: true, whole: false }));
    assert.equal(bench.frames.within, 1);
    bench.goOn(continuation(1, Buffer.from("cd"), false)).goOn(continuation(1, Buffer.from("ef")));
    assert.deepEqual(bench.heard, ["1 abcdef end"]);
    assert.equal(bench.frames.within, 0);
  });

  it("too many bytes, or too many frames, are more than anybody needs", () => {
    const bytes = new Bench(100);
    bytes.begin(headers(1, Buffer.alloc(60), { whole: false })).goOn(continuation(1, Buffer.alloc(41)));
    assert.deepEqual(bytes.heard, ["ENHANCE_YOUR_CALM"]);
    const frames = new Bench();
    frames.begin(headers(1, Buffer.alloc(0), { whole: false }));
    for (let count = 0; count < 16; count++) frames.goOn(continuation(1, Buffer.alloc(0), false));
    assert.deepEqual(frames.heard, ["ENHANCE_YOUR_CALM"]);
  });

  it("frames that cannot hold what they claim are refused", () => {
    const padded = headers(1, Buffer.from("abc"), { pad: 2 });
    padded[9] = 200;
    assert.deepEqual(new Bench().begin(padded).heard, ["PROTOCOL_ERROR"]);
    const short = headers(1, Buffer.alloc(0), { dependsOn: 3 }).subarray(0, 12);
    assert.deepEqual(new Bench().begin(short).heard, ["FRAME_SIZE_ERROR"]);
    assert.deepEqual(new Bench().begin(headers(5, Buffer.alloc(3), { dependsOn: 5 })).heard, ["PROTOCOL_ERROR"]);
  });
});
