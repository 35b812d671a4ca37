/** Tests of how heads and trailers become frames. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { Exchange, Layout } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { BlockWriter } from "../../../src/http2/block-writer.ts";
import { FrameWriter } from "../../../src/http2/frame-writer.ts";
import { Output } from "../../../src/http2/output.ts";
import { type Frame, show, Splitter } from "../../fakes/h2-frames.ts";
import { StrictDecoder } from "../../fakes/h2-hpack.ts";
import { LinkedSocket } from "../../fakes/linked-sockets.ts";

class Bench {
  readonly socket = new LinkedSocket();
  readonly out = new Output(this.socket, () => undefined);
  readonly blocks = new BlockWriter(this.out, new FrameWriter(this.out));
  readonly decoder = new StrictDecoder();
  readonly #splitter = new Splitter();

  frames(): Frame[] {
    this.out.flush();
    return this.#splitter.add(this.socket.takeBytes(1e9));
  }
}

function exchange(fields: readonly (readonly [string, string])[]): Exchange {
  const request = { version: 11, method: "GET", target: "/a", headers: HeaderList.of(fields) } as const;
  return new Exchange(
    { ...request },
    { version: 11, status: 200, reason: "", headers: HeaderList.of(fields) },
    new Layout(),
  );
}

describe("heads and trailers", () => {
  it("stand in one frame each", () => {
    const bench = new Bench();
    const x = exchange([
      ["host", "web"],
      ["X-One", "1"],
    ]);
    assert.ok(bench.blocks.request(1, x, "https", true) >= 0);
    bench.blocks.response(3, x, false);
    bench.blocks.interim(3, 103, HeaderList.of([["link", "</a>"]]));
    bench.blocks.trailers(3, HeaderList.of([["grpc-status", "0"]]));
    const frames = bench.frames();
    assert.deepEqual(
      frames.map(({ type, flags, id }) => [type, flags, id]),
      [
        [1, 5, 1],
        [1, 4, 3],
        [1, 4, 3],
        [1, 5, 3],
      ],
    );
    assert.deepEqual(
      frames.map(({ payload }) => bench.decoder.decode(payload)),
      [
        [
          [":method", "GET"],
          [":scheme", "https"],
          [":authority", "web"],
          [":path", "/a"],
          ["x-one", "1"],
        ],
        [
          [":status", "200"],
          ["x-one", "1"],
        ],
        [
          [":status", "103"],
          ["link", "</a>"],
        ],
        [["grpc-status", "0"]],
      ],
    );
  });

  it("go on in CONTINUATION where they are long", () => {
    const bench = new Bench();
    const x = exchange([
      ["host", "web"],
      ["x-long", "y".repeat(40_000)],
    ]);
    bench.blocks.request(1, x, "http", false);
    bench.blocks.response(3, x, true);
    bench.blocks.trailers(5, HeaderList.of([["x-sum", "z".repeat(20_000)]]));
    const shown = bench.frames().map((frame) => show(frame).replace(/ \(.*/, ""));
    assert.deepEqual(shown, [
      "HEADERS 1 flags 0",
      "CONTINUATION 1 flags 0",
      "CONTINUATION 1 flags 4",
      "HEADERS 3 flags 1",
      "CONTINUATION 3 flags 0",
      "CONTINUATION 3 flags 4",
      "HEADERS 5 flags 1",
      "CONTINUATION 5 flags 4",
    ]);
  });

  it("end a stream with an empty block where no trailer may be sent", () => {
    const bench = new Bench();
    bench.blocks.limit(0);
    bench.blocks.trailers(1, HeaderList.of([["transfer-encoding", "chunked"]]));
    const [frame] = bench.frames();
    assert.equal(frame?.flags, 5);
    assert.deepEqual(bench.decoder.decode(frame?.payload ?? Buffer.alloc(0)), []);
  });
});
