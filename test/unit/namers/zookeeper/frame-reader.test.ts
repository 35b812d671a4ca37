import assert from "node:assert/strict";
import { test } from "node:test";
import * as fc from "fast-check";
import { FrameError, FrameReader } from "../../../../namers/zookeeper/frame-reader.ts";
import { frame } from "../../../../namers/zookeeper/records.ts";

test("frames come out as they went in, however the stream is cut", () => {
  fc.assert(
    fc.property(
      fc.array(fc.uint8Array({ maxLength: 50 })),
      fc.array(fc.integer({ min: 1, max: 20 })),
      (records, cuts) => {
        let stream = Buffer.concat(records.map((record) => frame(Buffer.from(record))));
        const reader = new FrameReader(1_000);
        const seen: Buffer[] = [];
        for (let turn = 0; stream.length > 0; turn++) {
          const length = cuts[turn % cuts.length] ?? stream.length;
          reader.push(stream.subarray(0, length));
          stream = stream.subarray(length);
          for (let next = reader.next(); next; next = reader.next()) seen.push(Buffer.from(next));
        }
        assert.deepEqual(
          seen,
          records.map((record) => Buffer.from(record)),
        );
      },
    ),
  );
});

test("a frame above the limit is refused when its length is known", () => {
  const reader = new FrameReader(10);
  reader.push(Buffer.from([0, 0, 0, 11]));
  assert.throws(() => reader.next(), FrameError);
});

test("a negative length is refused", () => {
  const reader = new FrameReader(10);
  reader.push(Buffer.from([0xff, 0xff, 0xff, 0xff]));
  assert.throws(() => reader.next(), FrameError);
});
