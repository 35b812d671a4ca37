/** Tests of the sink for unwanted bodies. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { DiscardSink } from "../../../src/http1/discard.ts";

it("a discarding sink counts, and never stops its source", () => {
  const sink = new DiscardSink();
  assert.equal(sink.chunk(Buffer.alloc(3)), true);
  sink.flush();
  assert.equal(sink.chunk(Buffer.alloc(4)), true);
  sink.end();
  sink.fail();
  assert.equal(sink.bytes, 7);
});
