/** Tests of a connection to an endpoint: how many it takes, how it parts, and what of it may be asked again. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { data, goaway, headers, ping, rst, settings, show, Splitter, T } from "../../fakes/h2-frames.ts";
import { block } from "../../fakes/h2-hpack.ts";
import { Asker, Http2Loop, requestOf } from "../../fakes/http2-loop.ts";

/** A loop whose server is played by the test: nothing is carried to our own. */
function alone(): { loop: Http2Loop; say: (...frames: Buffer[]) => void } {
  const loop = new Http2Loop({ dispatch: () => undefined });
  return { loop, say: (...frames) => loop.connection.received(Buffer.concat(frames)) };
}

describe("a connection to an endpoint", () => {
  it("waits for nothing, takes a hundred until it knows better, and as many as the endpoint says then", () => {
    const { loop, say } = alone();
    assert.equal(loop.connection.free, 100);
    loop.connection.send(requestOf(loop, "GET", "/"), new Asker());
    say(settings([3, 3]));
    assert.equal(loop.connection.free, 2);
    loop.connection.send(requestOf(loop, "GET", "/"), new Asker());
    loop.connection.send(requestOf(loop, "GET", "/"), new Asker());
    assert.equal(loop.connection.free, 0);
    const late = new Asker();
    const x = requestOf(loop, "GET", "/");
    loop.connection.send(x, late);
    assert.equal(late.failure, "upstream.reset");
    assert.ok(x.failure?.flags.has("retryable"));
    assert.equal(loop.freed, 0);
    say(rst(1, "REFUSED_STREAM"));
    assert.equal(loop.freed, 1);
    say(settings([3, 1000]));
    assert.equal(loop.connection.free, 998);
    assert.equal(loop.freed, 1);
  });

  it("fails what a GOAWAY has not seen so that it is asked again, and finishes the rest", () => {
    const { loop, say } = alone();
    const askers = [new Asker(), new Asker()];
    for (const asker of askers) loop.connection.send(requestOf(loop, "POST", "/"), asker);
    say(settings(), goaway(1));
    assert.deepEqual(
      askers.map(({ failure, finished }) => [failure, finished]),
      [
        ["", 0],
        ["upstream.refused", 1],
      ],
    );
    assert.equal(loop.connection.status, "busy");
    assert.equal(loop.connection.free, 0);
  });

  it("sends nothing more on a stream that a GOAWAY has not seen: to its endpoint it was never opened", async () => {
    const { loop, say } = alone();
    for (let count = 0; count < 2; count++) loop.connection.send(requestOf(loop, "POST", "/"), new Asker());
    say(settings(), goaway(1));
    await new Promise(setImmediate);
    const sent = new Splitter().add(loop.callerSocket.takeBytes(10_000).subarray(24));
    assert.deepEqual(
      sent.map(show).filter((each) => each.startsWith("RST_STREAM")),
      [],
    );
  });

  it("does not count answers against an endpoint that ends each with an empty frame", () => {
    const { loop, say } = alone();
    say(settings());
    for (let id = 1; id < 20_000; id += 2) {
      const asker = new Asker();
      loop.connection.send(requestOf(loop, "GET", "/"), asker);
      say(headers(id, block([":status", "204"])), data(id, "", { end: true }));
      assert.deepEqual([asker.status, asker.finished], [204, 1], `stream ${id}`);
    }
    assert.equal(loop.connection.status, "open");
  });

  it("tells refused from broken off, and before an answer from within it", () => {
    const { loop, say } = alone();
    const asked = (): Asker => {
      const asker = new Asker();
      loop.connection.send(requestOf(loop, "GET", "/"), asker);
      return asker;
    };
    say(settings());
    const refused = asked();
    const broken = asked();
    say(rst(1, "REFUSED_STREAM"), rst(3, "CANCEL"));
    assert.equal(refused.failure, "upstream.refused");
    assert.equal(broken.failure, "upstream.reset");
  });

  it("is lost with its exchanges, of which the safe ones may be asked again", () => {
    const { loop, say } = alone();
    say(settings());
    const [get, post] = ["GET", "POST"].map((method) => {
      const x = requestOf(loop, method, "/");
      loop.connection.send(x, new Asker());
      return x;
    });
    loop.callerSocket.emit("end");
    assert.deepEqual([get?.failure?.code, post?.failure?.code], ["upstream.reset", "upstream.reset"]);
    assert.deepEqual(
      [get, post].map((x) => x?.failure?.flags.has("retryable")),
      [true, false],
    );
    assert.equal(loop.connection.status, "closed");
    assert.equal(loop.closed, 1);
  });

  it("asks a silent endpoint whether it is there, and closes where it does not answer", async () => {
    const { loop, say } = alone();
    say(settings(), settings());
    loop.connection.received(Buffer.from([0, 0, 0, T.SETTINGS, 1, 0, 0, 0, 0]));
    loop.clock.advance(30_500);
    await new Promise(setImmediate);
    const sent = loop.callerSocket.takeBytes(10_000);
    assert.equal(sent.subarray(-17, -8).toString("hex"), "000008060000000000");
    say(ping(sent.subarray(-8), true));
    loop.clock.advance(30_500);
    assert.equal(loop.connection.status, "open");
    loop.clock.advance(10_500);
    assert.equal(loop.connection.status, "closed");
    assert.equal(loop.closed, 1);
  });

  it("says goodbye when it is disposed of, and fails what is under way", async () => {
    const { loop, say } = alone();
    say(settings());
    const asker = new Asker();
    loop.connection.send(requestOf(loop, "GET", "/"), asker);
    await loop.connection[Symbol.asyncDispose]();
    assert.equal(asker.finished, 1);
    assert.ok(loop.callerSocket.wasEnded);
    assert.equal(loop.callerSocket.waiting.subarray(-17, -8).toString("hex"), "000008070000000000");
  });

  it("sends a tunnel when it knows that the endpoint makes them, and refuses it else", () => {
    for (const [value, failure, size] of [
      [1, "", 1],
      [0, "upstream.no_upgrade", 0],
    ] as const) {
      const { loop, say } = alone();
      const asker = new Asker();
      const x = requestOf(loop, "GET", "/chat");
      x.upgrade = "websocket";
      loop.connection.send(x, asker);
      assert.equal(loop.connection.free, 99);
      say(settings([8, value]));
      assert.equal(asker.failure, failure);
      assert.equal(x.sent, size === 1);
    }
  });
});
