/** Tests of the delivery of bodies. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { BodyReader } from "../../../src/http1/body-reader.ts";
import { CHUNKED, UNSAID } from "../../../src/http1/framing.ts";
import { defaultHeadLimits } from "../../../src/http1/limits.ts";
import { CollectingSink } from "../../fakes/collecting-sink.ts";

class Feeder {
  wants = 0;
  wanted(): void {
    this.wants++;
  }
}

function open(framing: number): { reader: BodyReader; sink: CollectingSink; feeder: Feeder } {
  const feeder = new Feeder();
  const reader = new BodyReader(feeder, defaultHeadLimits);
  reader.open(framing);
  return { reader, sink: new CollectingSink(), feeder };
}

const feed = (reader: BodyReader, text: string): number => reader.feed(Buffer.from(text), 0, text.length);

describe("a body", () => {
  it("of a length is delivered to its last byte, and no further", () => {
    const { reader, sink, feeder } = open(5);
    assert.equal(reader.length, 5);
    reader.pipe(sink);
    assert.equal(feeder.wants, 1);
    assert.equal(reader.started, false);
    assert.equal(feed(reader, "hel"), 3);
    assert.equal(reader.started, true);
    assert.equal(sink.flushes, 1);
    assert.equal(feed(reader, "loGET"), 2);
    assert.deepEqual([sink.text, sink.state, reader.done], ["hello", "ended", true]);
    assert.equal(feed(reader, "x"), 0);
  });

  it("waits for a sink, and while its sink says stop", () => {
    const { reader, sink, feeder } = open(5);
    assert.equal(feed(reader, "hello"), 0);
    sink.stops = true;
    reader.pipe(sink);
    assert.equal(feed(reader, "he"), 2);
    assert.equal(reader.isFlowing, false);
    assert.equal(feed(reader, "llo"), 0);
    reader.drained();
    assert.equal(feeder.wants, 2);
    assert.equal(feed(reader, "llo"), 3);
    assert.equal(sink.state, "ended");
  });

  it("of no bytes ends at once", () => {
    const { reader, sink } = open(0);
    reader.pipe(sink);
    assert.equal(sink.state, "ended");
  });

  it("of chunks ends with its trailers", () => {
    const { reader, sink } = open(CHUNKED);
    assert.equal(reader.length, -1);
    reader.pipe(sink);
    feed(reader, "2\r\nhi\r\n0\r\nX: 1\r\n\r\n");
    assert.deepEqual([sink.text, sink.state, sink.trailers?.get("x")], ["hi", "ended", "1"]);
  });

  it("of chunks stops between two of them", () => {
    const { reader, sink } = open(CHUNKED);
    sink.stops = true;
    reader.pipe(sink);
    const text = "1\r\na\r\n1\r\nb\r\n0\r\n\r\n";
    const came = feed(reader, text);
    assert.equal(sink.text, "a");
    reader.drained();
    feed(reader, text.slice(came));
    assert.equal(sink.text, "ab");
  });

  it("with a flaw is neither ended nor failed by its reader", () => {
    const { reader, sink } = open(CHUNKED);
    reader.pipe(sink);
    feed(reader, "2\r\nhi\r\nzz");
    assert.equal(reader.flaw, "chunk.size");
    assert.deepEqual([sink.text, sink.state, reader.done], ["hi", "open", false]);
    assert.equal(reader.release(), sink);
  });

  it("without a said end ends with its connection, others do not", () => {
    const unsaid = open(UNSAID);
    unsaid.reader.pipe(unsaid.sink);
    feed(unsaid.reader, "hello");
    assert.equal(unsaid.reader.done, false);
    assert.equal(unsaid.reader.closed(), true);
    assert.deepEqual([unsaid.sink.text, unsaid.sink.state], ["hello", "ended"]);
    const short = open(5);
    short.reader.pipe(short.sink);
    feed(short.reader, "hel");
    assert.equal(short.reader.closed(), false);
    assert.equal(short.sink.state, "open");
  });

  it("tells a sink that was let go nothing more", () => {
    const { reader, sink } = open(5);
    reader.pipe(sink);
    reader.release();
    assert.equal(feed(reader, "hello"), 0);
    assert.equal(sink.text, "");
  });
});
