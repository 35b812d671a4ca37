/** Tests of SETTINGS, PING, WINDOW_UPDATE, RST_STREAM and PRIORITY. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { BodySink } from "../../../src/http/body.ts";
import {
  data,
  frame,
  goaway,
  headers,
  ping,
  priority,
  pushPromise,
  rst,
  settings,
  settingsAck,
  T,
  windowUpdate,
} from "../../fakes/h2-frames.ts";
import { Http2ServerFixture, requestFields } from "../../fakes/http2-server-fixture.ts";

/** The code of the GOAWAY, or the RST_STREAM, that the frames bring about. */
async function after(...frames: Buffer[]): Promise<string> {
  const fixture = await Http2ServerFixture.open();
  fixture.request(1);
  fixture.send(...frames);
  const shown = (await fixture.shown()).filter((each) => /^(GOAWAY|RST)/.test(each));
  return shown.map((each) => each.replace(/ flags.*?\)( last \d+)?/, "").replace(/ ".*/, "")).join(", ");
}

const WINDOW = 2 ** 31 - 1;

describe("control frames", () => {
  it("with a wrong length, or on the wrong stream, end the connection", async () => {
    const sizes = [
      frame(T.WINDOW_UPDATE, 0, 0, Buffer.alloc(3)),
      frame(T.RST_STREAM, 0, 1, Buffer.alloc(5)),
      frame(T.SETTINGS, 0, 0, Buffer.alloc(5)),
      frame(T.SETTINGS, 1, 0, Buffer.alloc(6)),
      frame(T.PING, 0, 0, Buffer.alloc(7)),
      frame(T.GOAWAY, 0, 0, Buffer.alloc(7)),
      frame(T.PRIORITY, 0, 1, Buffer.alloc(4)),
    ];
    for (const each of sizes) assert.equal(await after(each), "GOAWAY 0 FRAME_SIZE_ERROR");
    const places = [
      frame(T.RST_STREAM, 0, 0, Buffer.alloc(4)),
      frame(T.SETTINGS, 0, 1),
      frame(T.PING, 0, 1, Buffer.alloc(8)),
      frame(T.GOAWAY, 0, 1, Buffer.alloc(8)),
      frame(T.PRIORITY, 0, 0, Buffer.alloc(5)),
      pushPromise(1, 2, Buffer.alloc(0)),
      windowUpdate(0, 0),
      windowUpdate(9, 1),
      rst(9, "CANCEL"),
      priority(1, 1),
    ];
    for (const each of places) assert.equal(await after(each), "GOAWAY 0 PROTOCOL_ERROR");
  });

  it("unknown ones are passed over", async () => {
    assert.equal(await after(frame(200, 255, 7, Buffer.alloc(30)), priority(99, 3)), "");
  });

  it("a window that grows by nothing, or too large, is the error of its stream, or of all", async () => {
    assert.equal(await after(windowUpdate(1, 0)), "RST_STREAM 1 PROTOCOL_ERROR");
    assert.equal(await after(windowUpdate(1, WINDOW)), "RST_STREAM 1 FLOW_CONTROL_ERROR");
    assert.equal(await after(windowUpdate(0, WINDOW)), "GOAWAY 0 FLOW_CONTROL_ERROR");
    assert.equal(await after(windowUpdate(1, 65_536), settings([4, WINDOW])), "GOAWAY 0 FLOW_CONTROL_ERROR");
    assert.equal(await after(settings([4, 2 ** 31])), "GOAWAY 0 FLOW_CONTROL_ERROR");
  });

  it("PING is answered with its own bytes", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.send(ping("12345678"), ping("unasked!", true));
    const frames = await fixture.frames();
    assert.deepEqual(
      frames.map(({ type, flags, payload }) => [type, flags, payload.toString()]),
      [[T.PING, 1, "12345678"]],
    );
  });

  it("floods of them are met with calm", async () => {
    const floods = [
      () => ping(),
      () => settings(),
      () => priority(1, 0),
      () => windowUpdate(0, 1),
      () => frame(99, 0, 0),
      () => goaway(0),
      () => data(1, ""),
    ];
    for (const [at, flood] of floods.entries()) {
      const fixture = await Http2ServerFixture.open();
      fixture.send(headers(1, requestFields("/", "POST")));
      for (let count = 0; count < 30 && !fixture.socket.wasEnded; count++) {
        fixture.send(...Array.from({ length: 1000 }, flood));
      }
      assert.match((await fixture.shown()).at(-1) ?? "", /GOAWAY .*ENHANCE_YOUR_CALM/, `flood ${at}`);
    }
  });

  it("who asks and does not read is let go", async () => {
    const fixture = new Http2ServerFixture({}, undefined, 1000);
    fixture.send(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), settings());
    // Every answer is paid for by a body that moves, so that no count of frames ends it.
    fixture.send(headers(1, requestFields("/", "POST")));
    for (let count = 0; count < 60 && !fixture.socket.destroyed; count++) {
      fixture.send(...Array.from({ length: 500 }, () => Buffer.concat([ping(), data(1, "x")])));
      fixture.exchanges[0]?.requestBody.pipe({
        chunk: () => true,
        end: () => undefined,
        fail: () => undefined,
        flush: () => undefined,
      });
      await new Promise(setImmediate);
    }
    assert.ok(fixture.socket.destroyed);
  });

  it("settings that nobody acknowledges end the connection", async () => {
    const fixture = new Http2ServerFixture();
    fixture.send(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), settings());
    await fixture.frames();
    fixture.pass(10_250);
    assert.match((await fixture.shown()).join(), /GOAWAY .*SETTINGS_TIMEOUT/);
  });

  it("a stream window of ours that is smaller than the RFC's holds from its acknowledgement on", async () => {
    const fixture = new Http2ServerFixture({ streamWindow: 10 });
    fixture.send(Buffer.from("PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n"), settings());
    fixture.send(headers(1, requestFields("/", "POST")), data(1, "x".repeat(1000)));
    assert.deepEqual(
      (await fixture.shown()).filter((each) => each.startsWith("RST")),
      [],
    );
    fixture.send(settingsAck(), headers(3, requestFields("/", "POST")), data(3, "x".repeat(11)));
    assert.ok((await fixture.shown()).includes("RST_STREAM 3 flags 0 (4) FLOW_CONTROL_ERROR"));
  });

  it("a change of the caller's window moves what every stream may send", async () => {
    const fixture = await Http2ServerFixture.open();
    fixture.request(1);
    const x = fixture.exchanges[0];
    let sink: BodySink | undefined;
    assert.ok(x);
    x.response.status = 200;
    x.response.headers = new HeaderList();
    x.responseBody = { length: -1, started: false, drained: () => undefined, pipe: (given) => (sink = given) };
    x.downstream?.respond(x);
    sink?.chunk(Buffer.alloc(65_535));
    fixture.send(windowUpdate(0, 1000), settings([4, 65_535 + 3]));
    assert.equal(sink?.chunk(Buffer.alloc(5)), false);
    fixture.send(settings([4, 65_535]));
    fixture.send(windowUpdate(1, 2));
    const lengths = (await fixture.frames()).filter(({ type }) => type === T.DATA).map(({ payload }) => payload.length);
    assert.equal(
      lengths.reduce((sum, each) => sum + each),
      65_535 + 3,
    );
  });
});
