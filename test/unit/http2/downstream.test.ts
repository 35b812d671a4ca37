/** Tests of a caller's HTTP/2 connection: its preface, its streams, and what it may not do. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { continuation, data, headers, PREFACE, rst, settings, show, windowUpdate } from "../../fakes/h2-frames.ts";
import { block } from "../../fakes/h2-hpack.ts";
import { answer, Http2ServerFixture, nextTurn, requestFields } from "../../fakes/http2-server-fixture.ts";

describe("a caller's HTTP/2 connection", () => {
  it("says its settings at once, and acknowledges the caller's", async () => {
    const fixture = new Http2ServerFixture();
    assert.deepEqual(await fixture.shown(), ["SETTINGS 0 flags 0 (36)", "WINDOW_UPDATE 0 flags 0 (4)"]);
    for (const byte of Buffer.concat([Buffer.from(PREFACE), settings()])) fixture.send(Buffer.of(byte));
    assert.deepEqual(await fixture.shown(), ["SETTINGS 0 flags 1 (0)"]);
  });

  it("refuses what is no preface", async () => {
    const fixture = new Http2ServerFixture();
    await fixture.frames();
    fixture.send(Buffer.from(PREFACE.replace("SM", "XX")));
    assert.deepEqual(await fixture.shown(), [
      `GOAWAY 0 flags 0 (35) last 0 PROTOCOL_ERROR "the preface is not HTTP/2's"`,
    ]);
    assert.ok(fixture.socket.wasEnded);
  });

  it("dispatches each request, and answers in the order of the answers, in one write a turn", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.request(1, "/one");
    fixture.request(3, "/two");
    assert.deepEqual(
      fixture.exchanges.map((x) => x.request.target),
      ["/one", "/two"],
    );
    const writes = fixture.socket.writes;
    for (const x of fixture.exchanges.toReversed()) answer(x, "hello");
    assert.deepEqual(
      (await fixture.frames()).map(({ id, type, flags }) => [id, type, flags]),
      [
        [3, 1, 4],
        [3, 0, 1],
        [1, 1, 4],
        [1, 0, 1],
      ],
    );
    assert.equal(fixture.socket.writes, writes + 1);
  });

  it("uses the exchange of a stream again for a later one, and not for one of the same turn", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.request(1);
    answer(fixture.exchanges[0] as never, "a");
    fixture.request(3);
    assert.notEqual(fixture.exchanges[1], fixture.exchanges[0]);
    await nextTurn();
    fixture.request(5);
    assert.equal(fixture.exchanges[2], fixture.exchanges[0]);
  });

  it("refuses streams above its limit, and serves those that it has", async () => {
    const fixture = await Http2ServerFixture.open({ maxStreams: 2 });
    for (const id of [1, 3, 5]) fixture.request(id);
    assert.equal(fixture.exchanges.length, 2);
    assert.deepEqual(await fixture.shown(), ["RST_STREAM 5 flags 0 (4) REFUSED_STREAM"]);
    answer(fixture.exchanges[0] as never, "a");
    fixture.request(7);
    assert.equal(fixture.exchanges.length, 3);
  });

  it("resets a malformed request, and goes on", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.send(headers(1, requestFields("/", "GET", ["Upper", "1"]), { end: true }));
    fixture.send(headers(3, requestFields("/", "POST", ["content-length", "5"]), { end: true }));
    assert.deepEqual(await fixture.shown(), [
      "RST_STREAM 1 flags 0 (4) PROTOCOL_ERROR",
      "RST_STREAM 3 flags 0 (4) PROTOCOL_ERROR",
    ]);
    assert.deepEqual(fixture.refused, ["400 request.malformed", "400 request.malformed"]);
    fixture.request(5);
    assert.equal(fixture.exchanges.length, 1);
  });

  it("answers a head that is too large with 431, and keeps its table in step", async () => {
    const fixture = await Http2ServerFixture.open({ maxHeaderListBytes: 300 });
    fixture.send(headers(1, requestFields("/", "GET", ["x-long", "y".repeat(400)]), { end: true }));
    const [head] = await fixture.frames();
    assert.equal(head?.id, 1);
    assert.deepEqual(fixture.refused, ["431 request.head_too_large"]);
    fixture.request(3);
    assert.equal(fixture.exchanges.length, 1);
  });

  const long = "y".repeat(400);
  for (const [what, fields] of [
    ["HEAD", requestFields("/", "HEAD", ["x-long", long])],
    ["what did not say its method before the limit", block(["x-long", long], [":method", "HEAD"])],
  ] as const) {
    it(`answers ${what} with 431 and no content`, async () => {
      const fixture = await Http2ServerFixture.open({ maxHeaderListBytes: 300 });
      fixture.send(headers(1, fields, { end: true }));
      const frames = await fixture.frames();
      assert.deepEqual(
        frames.map(({ type, flags }) => [type, flags]),
        [[1, 5]],
      );
      assert.deepEqual(fixture.refused, ["431 request.head_too_large"]);
    });
  }

  it("takes a head that comes in pieces", async () => {
    const fixture = await Http2ServerFixture.open();
    const block = requestFields("/pieces");
    fixture.send(headers(1, block.subarray(0, 5), { end: true, whole: false }));
    fixture.send(continuation(1, block.subarray(5, 9), false), continuation(1, block.subarray(9)));
    assert.equal(fixture.exchanges[0]?.request.target, "/pieces");
  });

  it("ends at a number that is lower than the last one's, or even", async () => {
    const lower = await Http2ServerFixture.open();
    lower.request(5);
    lower.request(3);
    assert.match((await lower.shown()).join(), /GOAWAY .* last 5 PROTOCOL_ERROR/);
    const even = await Http2ServerFixture.open();
    even.request(2);
    assert.match((await even.shown()).join(), /GOAWAY .* PROTOCOL_ERROR/);
  });

  it("ends where somebody goes on with a stream that was over", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.request(1);
    answer(fixture.exchanges[0] as never, "a");
    await fixture.frames();
    fixture.send(data(1, "more"));
    assert.match((await fixture.shown()).join(), /GOAWAY .* STREAM_CLOSED/);
  });

  it("passes over what was on its way on a stream that was reset here", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.send(headers(1, requestFields("/", "POST")), data(1, "body"));
    answer(fixture.exchanges[0] as never, "enough");
    assert.match((await fixture.shown()).join(), /RST_STREAM 1 flags 0 \(4\) NO_ERROR/);
    fixture.send(data(1, "more"), windowUpdate(1, 5), rst(1, "CANCEL"), headers(1, requestFields(), { end: true }));
    assert.deepEqual(await fixture.shown(), []);
    fixture.request(3);
    assert.equal(fixture.exchanges.length, 2);
  });

  it("cancels what is under way when the caller is gone", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.request(1);
    const x = fixture.exchanges[0];
    assert.ok(x);
    const heard: string[] = [];
    x.holder = {
      cancel: (_x, failure) => {
        heard.push(failure.code);
        x.downstream?.finish(x);
      },
      abandon: () => undefined,
    };
    fixture.socket.emit("end");
    assert.deepEqual(heard, ["downstream.gone"]);
    assert.equal(fixture.closed, 1);
    assert.ok(fixture.socket.destroyed);
    fixture.connection.destroy();
    assert.equal(fixture.closed, 1);
  });

  it("calms a caller that opens streams only to break them off", async () => {
    const fixture = await Http2ServerFixture.open({}, (x) => {
      x.holder = {
        cancel: () => x.downstream?.finish(x),
        abandon: () => undefined,
      };
    });
    for (let id = 1; id < 2100; id += 2) fixture.send(headers(id, requestFields(), { end: true }), rst(id, "CANCEL"));
    assert.match((await fixture.shown()).join(), /GOAWAY .* ENHANCE_YOUR_CALM/);
  });

  it("lives through a defect in a stage, whose caller gets 500", async () => {
    const fixture = await Http2ServerFixture.open({}, () => {
      throw new Error("defect");
    });
    fixture.request(1);
    const frames = await fixture.frames();
    assert.match(frames.map(show).join(), /HEADERS 1 flags 4 .*DATA 1 flags 1/);
    assert.equal(fixture.bugs.length, 1);
  });
});
