import assert from "node:assert/strict";
import { test } from "node:test";
import { TraceWriter } from "../../../src/router/trace.ts";
import { seededRandom } from "../../../src/testing/index.ts";

const parts = (header: string): string[] => {
  const hex = Buffer.from(header, "base64").toString("hex");
  return hex.match(/.{16}/g) ?? [];
};

test("a new root has a span, a parent and a trace of its own, and no flags", () => {
  const writer = new TraceWriter(seededRandom(7));
  writer.next(undefined);
  const [span, parent, trace, flags] = parts(writer.header);
  assert.equal(new Set([span, parent, trace]).size, 3);
  assert.equal(flags, "0".repeat(16));
  assert.equal(writer.requestId, trace);
});

test("a trace with a long id and opaque flags keeps them", () => {
  const came = Buffer.alloc(40, 0xab);
  const writer = new TraceWriter(seededRandom(7));
  writer.next(came.toString("base64"));
  const [span, parent, trace, flags, high] = parts(writer.header);
  assert.deepEqual([trace, flags, high], ["ab".repeat(8), "ab".repeat(8), "ab".repeat(8)]);
  assert.notEqual(span, "ab".repeat(8));
  assert.notEqual(parent, "ab".repeat(8));
  writer.next(undefined);
  assert.equal(parts(writer.header).length, 4);
  assert.equal(parts(writer.header)[3], "0".repeat(16));
});

test("its texts are the hex and the base64 of its bytes", () => {
  const writer = new TraceWriter(seededRandom(7));
  for (const came of [undefined, Buffer.alloc(40, 0xfb).toString("base64"), undefined]) {
    for (let n = 0; n < 100; n++) {
      writer.next(came);
      const bytes = Buffer.from(writer.header, "base64");
      assert.equal(bytes.length, came === undefined ? 32 : 40);
      assert.equal(writer.header, bytes.toString("base64"));
      assert.equal(writer.requestId, bytes.toString("hex", 16, 24));
      assert.deepEqual([writer.high, writer.low], [bytes.readUInt32BE(16), bytes.readUInt32BE(20)]);
    }
  }
});

test("a rate decides by the trace's id, so that every hop decides alike", () => {
  const writer = new TraceWriter(seededRandom(7));
  let sampled = 0;
  for (let n = 0; n < 2000; n++) {
    writer.next(undefined);
    writer.sample(0.25);
    const flags = Buffer.from(writer.header, "base64").readUInt32BE(28);
    assert.ok(flags === 2 || flags === 6);
    if (flags === 6) sampled++;
  }
  assert.ok(Math.abs(sampled - 500) < 100, String(sampled));
});
