/** Tests of one stream to an endpoint, with our own server at the other end. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import type { Exchange } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { BytesBody } from "../../../src/http/error-response.ts";
import { data, headers, rst, settings } from "../../fakes/h2-frames.ts";
import { block } from "../../fakes/h2-hpack.ts";
import { Asker, CountedBody, Http2Loop, requestOf } from "../../fakes/http2-loop.ts";

const OK = block([":status", "200"]);

function asked(
  method = "GET",
  body?: CountedBody,
): { loop: Http2Loop; x: Exchange; asker: Asker; say: (...frames: Buffer[]) => void } {
  const loop = new Http2Loop({ dispatch: () => undefined });
  const say = (...frames: Buffer[]): void => loop.connection.received(Buffer.concat(frames));
  say(settings());
  const x = requestOf(loop, method, "/", body);
  const asker = new Asker();
  loop.connection.send(x, asker);
  return { loop, x, asker, say };
}

/** The frames that were sent for the stream, by their type and flags. */
async function sentBy({ loop }: { loop: Http2Loop }): Promise<string[]> {
  await loop.run(() => 0, 3);
  const { Splitter, show } = await import("../../fakes/h2-frames.ts");
  const bytes = loop.callerSocket.takeBytes(1e9).subarray(24);
  return new Splitter()
    .add(bytes)
    .filter(({ id }) => id === 1)
    .map(show);
}

describe("one stream to an endpoint", () => {
  it("carries an answer with trailers, which the exchange has before its sink hears the end", () => {
    const { x, asker, say } = asked();
    let seen = "";
    asker.end = () => (seen = x.trailers?.get("grpc-status") ?? "none");
    say(
      headers(1, OK),
      data(1, Buffer.of(CountedBody.byteAt(0))),
      headers(1, block(["grpc-status", "0"]), { end: true }),
    );
    assert.equal(asker.status, 200);
    assert.equal(asker.length, 1);
    assert.equal(seen, "0");
    assert.equal(asker.finished, 1);
    assert.equal(x.holder, undefined);
  });

  it("refuses what is no answer", () => {
    const wrong: readonly Buffer[][] = [
      [data(1, "x")],
      [headers(1, block([":status", "103"]), { end: true })],
      [headers(1, block(["x", "y"]))],
      [headers(1, block([":status", "101"]))],
      [headers(1, block([":status", "200"], ["content-length", "3"]), { end: true })],
      [headers(1, block([":status", "200"], ["content-length", "3"])), data(1, "abcd")],
      [headers(1, OK), headers(1, block(["a", "b"]))],
      [headers(1, OK), headers(1, block([":status", "200"]), { end: true })],
    ];
    for (const [at, frames] of wrong.entries()) {
      const { asker, say } = asked();
      say(...frames);
      assert.deepEqual([asker.failure || asker.broken, asker.finished], ["upstream.malformed", 1], `case ${at}`);
    }
  });

  it("passes interim answers on, and bounds them", () => {
    const { x, asker, say } = asked();
    const interims: number[] = [];
    x.interim = (status) => interims.push(status);
    say(headers(1, block([":status", "100"])), headers(1, block([":status", "103"])));
    assert.deepEqual(interims, [100, 103]);
    for (let count = 0; count < 99; count++) say(headers(1, block([":status", "103"])));
    assert.equal(asker.failure, "upstream.malformed");
  });

  it("resets what is cancelled or abandoned, and the connection stays", async () => {
    const cancelled = asked();
    cancelled.x.cancel(failures["attempt.timeout"]);
    assert.equal(cancelled.asker.failure, "attempt.timeout");
    assert.deepEqual((await sentBy(cancelled)).at(-1), "RST_STREAM 1 flags 0 (4) CANCEL");
    assert.equal(cancelled.loop.connection.status, "open");
    const abandoned = asked();
    abandoned.x.abandon();
    assert.deepEqual([abandoned.asker.failure, abandoned.asker.finished], ["", 1]);
    abandoned.say(headers(1, OK, { end: true }));
    assert.deepEqual([abandoned.asker.status, abandoned.asker.finished], [0, 1]);
  });

  it("says why an answer was broken off", () => {
    const { x, asker, say } = asked();
    let broken = "";
    const finish = asker.finish.bind(asker);
    asker.finish = () => {
      broken = x.broken?.code ?? "";
      finish();
    };
    say(headers(1, OK), rst(1, "INTERNAL_ERROR"));
    assert.deepEqual([asker.broken, broken], ["upstream.reset", "upstream.reset"]);
  });

  it("takes a whole answer to half a request, and stops that", async () => {
    const bench = asked("POST", new CountedBody(1_000_000, 1000));
    bench.say(headers(1, OK), data(1, "", { end: true }), rst(1, "NO_ERROR"));
    assert.deepEqual([bench.asker.status, bench.asker.hasEnded, bench.asker.finished], [200, true, 1]);
    assert.equal((await sentBy(bench)).at(-1), "RST_STREAM 1 flags 0 (4) CANCEL");
  });

  it("breaks off a request whose body breaks off", async () => {
    const loop = new Http2Loop({ dispatch: () => undefined });
    loop.connection.received(settings());
    const x = requestOf(loop, "POST", "/", {
      length: -1,
      started: false,
      drained: () => undefined,
      pipe: (sink) => sink.fail(failures["downstream.gone"]),
    });
    const asker = new Asker();
    loop.connection.send(x, asker);
    assert.equal(asker.failure, "downstream.gone");
    assert.equal((await sentBy({ loop })).at(-1), "RST_STREAM 1 flags 0 (4) CANCEL");
  });

  it("makes a tunnel of a 2xx to an extended CONNECT, which ends when both sides have", async () => {
    let there: Exchange | undefined;
    const loop = new Http2Loop({
      dispatch: (x) => {
        there = x;
        x.response.status = 101;
        x.response.headers = new HeaderList();
        x.responseBody = new BytesBody(Buffer.of(CountedBody.byteAt(0), CountedBody.byteAt(1)));
        x.downstream?.respond(x);
      },
    });
    await loop.run();
    const x = requestOf(loop, "GET", "/chat");
    const asker = new Asker();
    x.upgrade = "websocket";
    x.tunnel = new CountedBody(5000, 700, false);
    loop.connection.send(x, asker);
    await loop.run();
    assert.equal(there?.upgrade, "websocket");
    assert.deepEqual([asker.status, asker.length, asker.hasEnded, asker.isRight], [101, 2, true, true]);
    assert.equal(asker.finished, 1);
  });
});
