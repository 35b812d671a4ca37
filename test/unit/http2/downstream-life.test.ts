/** Tests of how long a caller's connection lives, and how it ends. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { data, goaway, headers, ping, rst, T, windowUpdate } from "../../fakes/h2-frames.ts";
import { answer, Http2ServerFixture, nextTurn, requestFields } from "../../fakes/http2-server-fixture.ts";

const pong = (payload: Uint8Array): Buffer => ping(payload, true);

describe("the life of a caller's connection", () => {
  it("drains: it warns, takes what was on its way, names the last stream, and closes when that is answered", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.request(1);
    fixture.connection.drain();
    const [warning, question] = await fixture.frames();
    assert.equal(warning?.payload.readUInt32BE(0), 2 ** 31 - 1);
    fixture.request(3);
    assert.equal(fixture.exchanges.length, 2);
    fixture.send(pong(question?.payload as Buffer));
    assert.deepEqual(await fixture.shown(), ['GOAWAY 0 flags 0 (8) last 3 NO_ERROR ""']);
    fixture.request(5);
    assert.equal(fixture.exchanges.length, 2, "it is for another connection");
    for (const x of fixture.exchanges) answer(x, "done");
    await fixture.frames();
    assert.ok(fixture.socket.wasEnded);
    assert.equal(fixture.closed, 0);
    fixture.pass(1500);
    assert.equal(fixture.closed, 1);
  });

  it("passes over all frames of a stream that came too late, and answers the others", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.request(1);
    fixture.connection.drain();
    fixture.pass(1250);
    await fixture.frames();
    const late = headers(3, requestFields("/", "POST"));
    fixture.send(late, data(3, "a"), windowUpdate(3, 10), data(3, "b", { end: true }));
    fixture.send(headers(5, requestFields("/", "POST")), rst(5, "CANCEL"));
    assert.equal(fixture.exchanges.length, 1);
    answer(fixture.exchanges[0] as never, "done");
    assert.deepEqual(
      (await fixture.shown()).filter((each) => /^(GOAWAY|RST)/.test(each)),
      [],
    );
    assert.ok(fixture.socket.wasEnded);
  });

  it("does not decode heads without end that came too late", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.request(1);
    fixture.connection.drain();
    fixture.pass(1250);
    for (let id = 3; id < 25_000; id += 2) fixture.request(id);
    assert.match((await fixture.shown()).at(-1) ?? "", /GOAWAY .*ENHANCE_YOUR_CALM/);
  });

  it("does not wait for a caller that does not answer the warning", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.connection.drain();
    fixture.connection.drain();
    fixture.pass(1250);
    assert.deepEqual(await fixture.shown(), [
      'GOAWAY 0 flags 0 (8) last 2147483647 NO_ERROR ""',
      "PING 0 flags 0 (8)",
      'GOAWAY 0 flags 0 (8) last 0 NO_ERROR ""',
    ]);
    assert.ok(fixture.socket.wasEnded);
  });

  it("closes an idle connection in the same way", async () => {
    const fixture = await Http2ServerFixture.open({ idleTimeoutMs: 5000 });
    fixture.pass(4000);
    fixture.request(1);
    fixture.pass(4000);
    answer(fixture.exchanges[0] as never, "a");
    fixture.pass(4750);
    assert.ok((await fixture.frames()).every(({ type }) => type !== T.GOAWAY));
    fixture.pass(750);
    assert.equal((await fixture.frames())[0]?.type, T.GOAWAY);
  });

  it("closes when a caller has said goodbye and its last stream is answered", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.request(1);
    fixture.send(goaway(0));
    assert.equal(fixture.socket.wasEnded, false);
    answer(fixture.exchanges[0] as never, "a");
    await fixture.frames();
    assert.ok(fixture.socket.wasEnded);
  });

  it("waits so long for a head, a frame, or the first one, and no longer", async () => {
    const head = await Http2ServerFixture.open();
    head.send(headers(1, requestFields().subarray(0, 4), { whole: false }));
    head.pass(9750);
    assert.equal(head.socket.wasEnded, false);
    head.pass(750);
    assert.match((await head.shown()).join(), /ENHANCE_YOUR_CALM/);
    const frame = await Http2ServerFixture.open();
    frame.send(ping().subarray(0, 12));
    frame.pass(10_500);
    assert.ok(frame.socket.wasEnded);
    const silent = new Http2ServerFixture();
    silent.pass(10_500);
    assert.ok(silent.socket.wasEnded);
  });

  it("does not take a stream of frames for one that does not end", async () => {
    const fixture = await Http2ServerFixture.open();
    for (let second = 0; second < 30; second++) {
      fixture.send(ping().subarray(0, 12));
      fixture.pass(1000);
      fixture.send(ping().subarray(12));
    }
    assert.equal(fixture.socket.wasEnded, false);
  });

  it("asks a silent caller whether it is there while it has streams, and lets one go that is not", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.request(1);
    fixture.pass(30_500);
    const [question] = await fixture.frames();
    assert.equal(question?.type, T.PING);
    fixture.send(pong(question?.payload as Buffer));
    fixture.pass(30_500);
    assert.equal((await fixture.frames())[0]?.type, T.PING);
    fixture.pass(10_500);
    await nextTurn();
    assert.equal(fixture.closed, 1);
  });
});
