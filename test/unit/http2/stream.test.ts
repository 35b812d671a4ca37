/** Tests of the states of a stream. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { data, headers, rst } from "../../fakes/h2-frames.ts";
import { answer, Http2ServerFixture, nextTurn, requestFields } from "../../fakes/http2-server-fixture.ts";

describe("a stream", () => {
  it("is closed when both sides have ended it, in either order", async () => {
    const fixture = await Http2ServerFixture.open({ maxStreams: 1 });
    fixture.request(1);
    answer(fixture.exchanges[0] as never, "a");
    fixture.send(headers(3, requestFields("/", "POST")), data(3, "x", { end: true }));
    answer(fixture.exchanges[1] as never, "b");
    fixture.request(5);
    assert.equal(fixture.exchanges.length, 3, "no stream of before counts any more");
  });

  it("is not used again before both its exchange is over and it is closed", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.request(1);
    fixture.send(rst(1, "CANCEL"));
    await nextTurn();
    fixture.request(3);
    assert.notEqual(fixture.exchanges[1], fixture.exchanges[0], "its exchange is still held by somebody");
    fixture.exchanges[0]?.downstream?.finish(fixture.exchanges[0]);
    await nextTurn();
    fixture.request(5);
    assert.equal(fixture.exchanges[2], fixture.exchanges[0]);
  });
});
