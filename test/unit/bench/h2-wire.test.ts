import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { block, DATA, END_STREAM, frame, FrameReader, HEADERS } from "../../bench/load/h2-wire.ts";

type Seen = [type: number, flags: number, id: number, payload: string];

describe("the frames of the bench", () => {
  const wire = Buffer.concat([
    frame(HEADERS, 4, 7, Buffer.from("ab")),
    frame(DATA, END_STREAM, 2 ** 31 - 1, Buffer.alloc(0)),
  ]);
  const expected: Seen[] = [
    [HEADERS, 4, 7, "ab"],
    [DATA, END_STREAM, 2 ** 31 - 1, ""],
  ];

  it("are read wherever the bytes are cut", () => {
    for (let cut = 0; cut <= wire.length; cut++) {
      const seen: Seen[] = [];
      const reader = new FrameReader((type, flags, id, payload) => seen.push([type, flags, id, payload.toString()]));
      reader.read(wire.subarray(0, cut));
      reader.read(wire.subarray(cut));
      assert.deepEqual(seen, expected);
    }
  });

  it("carry fields as literals that nobody keeps", () => {
    assert.deepEqual(block(["te", "trailers"]), Buffer.from("\x00\x02te\x08trailers", "latin1"));
  });
});
