/** Tests of the order in which frames may come. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { continuation, data, headers, ping, PREFACE, settings, settingsAck } from "../../fakes/h2-frames.ts";
import { Http2ServerFixture, requestFields } from "../../fakes/http2-server-fixture.ts";

describe("the order of frames", () => {
  it("SETTINGS come first", async () => {
    for (const first of [ping(), settingsAck(), headers(1, requestFields(), { end: true }), data(1, "x")]) {
      const fixture = new Http2ServerFixture();
      fixture.send(Buffer.from(PREFACE), first);
      assert.match((await fixture.shown()).join(), /GOAWAY .*PROTOCOL_ERROR "the first frame/);
    }
  });

  it("nothing stands between the frames of a head, and nothing continues what did not begin", async () => {
    const block = requestFields();
    const wrong = [
      [headers(1, block, { whole: false }), ping()],
      [headers(1, block, { whole: false }), data(1, "x")],
      [headers(1, block, { whole: false }), continuation(3, block)],
      [headers(1, block, { whole: false }), headers(3, block)],
      [continuation(1, block)],
      [headers(1, block), continuation(1, block)],
    ];
    for (const frames of wrong) {
      const fixture = await Http2ServerFixture.open();
      fixture.send(...frames);
      assert.match((await fixture.shown()).join(), /GOAWAY .*PROTOCOL_ERROR "a header block/);
    }
  });

  it("a block that cannot be decoded ends the connection", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.send(headers(1, Buffer.of(0xff, 0xff, 0xff, 0xff, 0xff), { end: true }));
    assert.match((await fixture.shown()).join(), /GOAWAY .*COMPRESSION_ERROR/);
  });

  it("settings may be said again", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.send(settings([3, 1]), settings());
    assert.deepEqual(await fixture.shown(), ["SETTINGS 0 flags 1 (0)", "SETTINGS 0 flags 1 (0)"]);
  });
});
