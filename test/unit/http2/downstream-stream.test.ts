/** Tests of one stream of a caller: bodies, interim answers, failures, and the patience with both sides. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { type Failure, failures } from "../../../src/base/failure.ts";
import type { Exchange } from "../../../src/http/exchange.ts";
import { noBody, type BodySink } from "../../../src/http/body.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { CollectingSink } from "../../fakes/collecting-sink.ts";
import { data, headers, rst, settings, T } from "../../fakes/h2-frames.ts";
import { block, StrictDecoder } from "../../fakes/h2-hpack.ts";
import { answer, Http2ServerFixture, requestFields } from "../../fakes/http2-server-fixture.ts";

/** Holds the exchange as a connection to an endpoint would. */
function hold(x: Exchange, heard: string[]): void {
  x.holder = {
    cancel: (_x, failure) => {
      heard.push(failure.code);
      x.holder = undefined;
      x.failure = failure;
      x.downstream?.respond(x);
      x.downstream?.finish(x);
    },
    abandon: () => undefined,
  };
}

/** Answers with a head, and returns the sink that the body goes to. */
function begin(x: Exchange, length = -1, status = 200): BodySink {
  let taken: BodySink | undefined;
  x.response.status = status;
  x.response.headers = new HeaderList();
  x.responseBody = { length, started: false, drained: () => undefined, pipe: (sink) => (taken = sink) };
  x.downstream?.respond(x);
  assert.ok(taken);
  return taken;
}

async function requested(
  method = "GET",
  end = true,
): Promise<{ fixture: Http2ServerFixture; x: Exchange; heard: string[] }> {
  const fixture = await Http2ServerFixture.open({ bodyTimeoutMs: 5000 });
  fixture.send(headers(1, requestFields("/", method), { end }));
  const x = fixture.exchanges[0] as Exchange;
  const heard: string[] = [];
  hold(x, heard);
  return { fixture, x, heard };
}

describe("one stream of a caller", () => {
  it("gives a request's body with its length, and without where it has none", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.send(headers(1, requestFields("/", "POST", ["content-length", "4"])));
    fixture.send(headers(3, requestFields("/", "POST")), headers(5, requestFields(), { end: true }));
    assert.deepEqual(
      fixture.exchanges.map((x) => x.requestBody.length),
      [4, -1, 0],
    );
    assert.equal(fixture.exchanges[2]?.requestBody, noBody);
    const sink = new CollectingSink();
    fixture.exchanges[0]?.requestBody.pipe(sink);
    fixture.send(data(1, "ab"), data(1, "cd", { end: true }));
    assert.equal(sink.text, "abcd");
    assert.equal(sink.state, "ended");
  });

  it("answers with trailers, also those that only the end tells", async () => {
    const { fixture, x } = await requested();
    x.trailing = { trailers: () => HeaderList.of([["x-class", "1.0"]]) };
    const sink = begin(x);
    sink.chunk(Buffer.from("body"));
    sink.end();
    x.downstream?.finish(x);
    const frames = await fixture.frames();
    assert.deepEqual(
      frames.map(({ type, flags }) => [type, flags]),
      [
        [1, 4],
        [0, 0],
        [1, 5],
      ],
    );
  });

  it("ends a HEAD, and 204, with the head", async () => {
    for (const [method, status] of [
      ["HEAD", 200],
      ["GET", 204],
      ["GET", 304],
    ] as const) {
      const { fixture, x } = await requested(method);
      const sink = begin(x, 5, status);
      assert.equal(sink.chunk(Buffer.from("never")), true);
      sink.end();
      x.downstream?.finish(x);
      assert.deepEqual(
        (await fixture.frames()).map(({ type, flags }) => [type, flags]),
        [[1, 5]],
      );
    }
  });

  it("passes interim answers on before the final one only", async () => {
    const { fixture, x } = await requested();
    x.interim?.(103, HeaderList.of([["link", "</a>"]]));
    answer(x, "a");
    x.interim?.(103, new HeaderList());
    const decoder = new StrictDecoder();
    const statuses = (await fixture.frames())
      .filter(({ type }) => type === 1)
      .map(({ payload }) => decoder.decode(payload)[0]?.[1]);
    assert.deepEqual(statuses, ["103", "200"]);
  });

  it("says 100 itself where the endpoint is late with it", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.send(headers(1, requestFields("/", "POST", ["expect", "100-continue"])));
    fixture.pass(750);
    assert.deepEqual(await fixture.shown(), []);
    fixture.pass(500);
    assert.equal((await fixture.frames()).length, 1);
    fixture.exchanges[0]?.interim?.(100, new HeaderList());
    assert.deepEqual(await fixture.shown(), []);
  });

  it("breaks off what was broken off, whatever had been sent", async () => {
    for (const [code, shown] of [
      ["upstream.reset", "INTERNAL_ERROR"],
      ["total.timeout", "CANCEL"],
    ] as const) {
      const { fixture, x } = await requested();
      const sink = begin(x);
      sink.chunk(Buffer.from("half"));
      sink.fail(failures[code] as Failure);
      x.downstream?.finish(x);
      assert.equal((await fixture.shown()).at(-1), `RST_STREAM 1 flags 0 (4) ${shown}`);
    }
  });

  it("resets an answer that is not as long as it said, and gives the exchange up", async () => {
    const { fixture, x, heard } = await requested();
    begin(x, 3).chunk(Buffer.from("four"));
    assert.deepEqual(heard, ["upstream.reset"]);
    assert.equal((await fixture.shown()).at(-1), "RST_STREAM 1 flags 0 (4) INTERNAL_ERROR");
  });

  it("resets what ends without an answer", async () => {
    const { fixture, x } = await requested();
    x.downstream?.finish(x);
    assert.deepEqual(await fixture.shown(), ["RST_STREAM 1 flags 0 (4) INTERNAL_ERROR"]);
  });

  it("lets what was accepted leave after the exchange is over", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.send(settings([4, 2]), headers(1, requestFields(), { end: true }));
    answer(fixture.exchanges[0] as Exchange, "abcd");
    await fixture.frames();
    fixture.send(settings([4, 100]));
    assert.deepEqual((await fixture.shown()).slice(-2), ["SETTINGS 0 flags 1 (0)", "DATA 1 flags 1 (2)"]);
  });

  it("gives the exchange up when the caller breaks it off, before and after the head", async () => {
    const before = await requested();
    before.fixture.send(rst(1, "CANCEL"));
    assert.deepEqual(before.heard, ["downstream.gone"]);
    const after = await requested();
    let broken: unknown;
    begin(after.x);
    after.x.holder = {
      cancel: (x) => {
        broken = x.broken?.code;
        x.downstream?.finish(x);
      },
      abandon: () => undefined,
    };
    after.fixture.send(rst(1, "CANCEL"));
    assert.equal(broken, "downstream.gone");
    assert.deepEqual(await after.fixture.shown().then((frames) => frames.slice(1)), []);
  });

  it("answers 408 where a body that was promised does not come", async () => {
    const { fixture, x, heard } = await requested("POST", false);
    x.requestBody.pipe(new CollectingSink());
    fixture.pass(5500);
    assert.deepEqual(heard, ["request.timeout"]);
    assert.ok((await fixture.frames()).some(({ type }) => type === 1));
  });

  it("gives up a caller that takes nothing of its answer", async () => {
    const { fixture, x, heard } = await requested();
    fixture.send(settings([4, 0]));
    begin(x).chunk(Buffer.from("never taken"));
    fixture.pass(5500);
    assert.deepEqual(heard, ["downstream.gone"]);
    assert.equal((await fixture.shown()).at(-1), "RST_STREAM 1 flags 0 (4) CANCEL");
  });

  it("waits without end for a caller that talks with its endpoint", async () => {
    const { fixture, x, heard } = await requested("POST", false);
    x.takesTrailers = true;
    x.requestBody.pipe(new CollectingSink());
    begin(x);
    fixture.pass(20_000);
    assert.deepEqual(heard, []);
  });

  it("refuses a CONNECT unless its server says that it is served", async () => {
    const connect = headers(1, block([":method", "CONNECT"], [":authority", "web:80"]));
    const refusing = await Http2ServerFixture.open();
    refusing.send(connect);
    assert.deepEqual(refusing.exchanges, []);
    const frames = await refusing.frames();
    assert.deepEqual(new StrictDecoder().decode(frames[0]?.payload as Buffer)[0], [":status", "400"]);
    const serving = await Http2ServerFixture.open({ connect: true });
    serving.send(connect);
    assert.equal(serving.exchanges[0]?.request.method, "CONNECT");
  });

  it("makes a tunnel of an extended CONNECT that was answered by 101", async () => {
    const ordered = await Http2ServerFixture.open({ pingAfterMs: 1e9 });
    ordered.send(
      headers(
        1,
        block(
          [":method", "CONNECT"],
          [":protocol", "websocket"],
          [":scheme", "http"],
          [":path", "/chat"],
          [":authority", "web"],
        ),
      ),
    );
    const x = ordered.exchanges[0] as Exchange;
    assert.equal(x.upgrade, "websocket");
    const sink = begin(x, -1, 101);
    const up = new CollectingSink();
    x.tunnel.pipe(up);
    ordered.send(data(1, "there"));
    sink.chunk(Buffer.from("back"));
    assert.equal(up.text, "there");
    const frames = await ordered.frames();
    assert.deepEqual(new StrictDecoder().decode(frames[0]?.payload as Buffer)[0], [":status", "200"]);
    assert.equal(frames[1]?.payload.toString(), "back");
    ordered.pass(599_000);
    ordered.send(data(1, "still there"));
    ordered.pass(599_000);
    assert.ok((await ordered.frames()).every(({ type }) => type !== T.RST_STREAM));
    ordered.pass(2000);
    assert.ok((await ordered.frames()).some(({ type }) => type === T.RST_STREAM));
  });
});
