/** Tests of DATA against the windows and the states of streams. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "../../../src/http/exchange.ts";
import { Http2Downstream } from "../../../src/http2/downstream.ts";
import { CollectingSink } from "../../fakes/collecting-sink.ts";
import { data, headers, PREFACE, settings, show, T } from "../../fakes/h2-frames.ts";
import { Http2ServerFixture, nextTurn, requestFields } from "../../fakes/http2-server-fixture.ts";
import { LinkedSocket } from "../../fakes/linked-sockets.ts";

async function posted(own = {}): Promise<Http2ServerFixture> {
  const fixture = await Http2ServerFixture.open(own);
  fixture.send(headers(1, requestFields("/", "POST")));
  return fixture;
}

describe("DATA", () => {
  it("beyond a stream's window resets the stream, beyond the connection's ends it", async () => {
    const stream = await posted();
    for (let count = 0; count < 5; count++) stream.send(data(1, Buffer.alloc(16_384)));
    assert.deepEqual(await stream.shown(), ["RST_STREAM 1 flags 0 (4) FLOW_CONTROL_ERROR"]);
    const connection = await posted({ connectionWindow: 65_535, streamWindow: 1_000_000 });
    for (let count = 0; count < 5; count++) connection.send(data(1, Buffer.alloc(16_384)));
    assert.match((await connection.shown()).join(), /GOAWAY .*FLOW_CONTROL_ERROR/);
  });

  it("behind the end of its stream resets it", async () => {
    const fixture = await posted();
    fixture.send(data(1, "a", { end: true }), data(1, "b"));
    assert.deepEqual(await fixture.shown(), ["RST_STREAM 1 flags 0 (4) STREAM_CLOSED"]);
  });

  it("on no stream, or on one that was not opened, ends the connection", async () => {
    for (const id of [0, 3, 2]) {
      const fixture = await posted();
      fixture.send(data(id, "a"));
      assert.match((await fixture.shown()).join(), /GOAWAY .*PROTOCOL_ERROR/);
    }
  });

  it("that is not as long as the head said resets the stream, and breaks the request off", async () => {
    for (const body of ["abcd", "ab"]) {
      const fixture = await Http2ServerFixture.open();
      fixture.send(headers(1, requestFields("/", "POST", ["content-length", "3"])));
      const x = fixture.exchanges[0] as Exchange;
      const sink = new CollectingSink();
      x.requestBody.pipe(sink);
      fixture.send(data(1, body, { end: true }));
      assert.deepEqual(await fixture.shown(), ["RST_STREAM 1 flags 0 (4) PROTOCOL_ERROR"]);
      assert.equal(sink.failure?.code, "request.malformed");
    }
  });

  it("gives its bytes of the connection's window back wherever it ends up", async () => {
    const fixture = await posted({ connectionWindow: 65_535, streamWindow: 65_535 });
    const x = fixture.exchanges[0] as Exchange;
    x.requestBody.pipe(new CollectingSink());
    fixture.send(data(1, Buffer.alloc(10_000), { pad: 200 }), data(1, Buffer.alloc(10_000)));
    x.downstream?.finish(x);
    // The stream was reset here, and what was on its way is thrown away.
    fixture.send(data(1, Buffer.alloc(16_000)));
    const shown = await fixture.frames();
    const returned = shown.filter(({ type, id }) => type === T.WINDOW_UPDATE && id === 0);
    assert.equal(returned.length, 1, shown.map(show).join());
    assert.ok((returned[0]?.payload.readUInt32BE(0) ?? 0) >= 32_767);
  });

  it("goes nowhere when its stream was closed in the middle of a frame, and is another connection's by now", async () => {
    const fixture = await posted();
    const frame = data(1, "0123456789", { end: true });
    fixture.send(frame.subarray(0, 12));
    const x = fixture.exchanges[0] as Exchange;
    x.downstream?.finish(x);
    await nextTurn();
    const other = new Http2Downstream(new LinkedSocket(), fixture.site, () => undefined);
    other.received(Buffer.concat([Buffer.from(PREFACE), settings(), headers(1, requestFields("/", "POST"))]));
    assert.equal(fixture.exchanges[1], x, "the stream is used again");
    const sink = new CollectingSink();
    x.requestBody.pipe(sink);
    fixture.send(frame.subarray(12));
    assert.deepEqual([sink.text, sink.state], ["", "open"]);
  });
});
