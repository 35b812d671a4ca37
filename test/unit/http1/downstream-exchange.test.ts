/** Tests of the upper end of a caller's exchange. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import type { Exchange } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { answer, DownstreamFixture } from "../../fakes/downstream-fixture.ts";

describe("a caller's exchange", () => {
  it("hears one answer and one end, and nothing of a second", () => {
    const { socket } = new DownstreamFixture((x) => {
      answer(x, "ok");
      x.downstream?.respond(x);
      x.downstream?.finish(x);
    });
    socket.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.equal(socket.written.match(/HTTP\/1\.1/g)?.length, 1);
  });

  it("is cut where it ends without an answer", () => {
    const { socket } = new DownstreamFixture((x) => x.downstream?.finish(x));
    socket.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    assert.equal(socket.written, "");
    assert.equal(socket.wasEnded, true);
  });

  it("passes interim answers, without what belongs to one connection", () => {
    let waiting: Exchange | undefined;
    const { socket } = new DownstreamFixture((x) => (waiting = x));
    socket.receive("GET / HTTP/1.1\r\nHost: a\r\n\r\n");
    const hints = HeaderList.of([
      ["Link", "</a>"],
      ["Connection", "x-a"],
      ["X-A", "1"],
    ]);
    waiting?.interim?.(103, hints);
    assert.equal(socket.written, "HTTP/1.1 103 Early Hints\r\nLink: </a>\r\n\r\n");
    answer(waiting as Exchange, "ok");
    waiting?.interim?.(103, new HeaderList());
    assert.equal(socket.written.match(/103/g)?.length, 1);
  });

  it("passes no interim answers to HTTP/1.0", () => {
    let waiting: Exchange | undefined;
    const { socket } = new DownstreamFixture((x) => (waiting = x));
    socket.receive("GET / HTTP/1.0\r\n\r\n");
    waiting?.interim?.(103, new HeaderList());
    assert.equal(socket.written, "");
  });

  it("says close where the rest of a failed request would be too much to read", () => {
    const large = new DownstreamFixture((x) => {
      x.failure = failures["connect.failed"];
      x.downstream?.respond(x);
      x.downstream?.finish(x);
    });
    large.socket.receive("POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n");
    assert.match(large.socket.written, /\r\nconnection: close\r\n/);
    const waits = new DownstreamFixture((x) => {
      x.failure = failures["connect.failed"];
      x.downstream?.respond(x);
      x.downstream?.finish(x);
    });
    waits.socket.receive("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n");
    assert.match(waits.socket.written, /\r\nconnection: close\r\n/);
  });

  it("gives a caller that waits its 100 after a second, unless the body came", () => {
    const head = "POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\nContent-Length: 2\r\n\r\n";
    const waits = new DownstreamFixture(() => undefined);
    waits.socket.receive(head);
    waits.clock.advance(900);
    assert.equal(waits.socket.written, "");
    waits.clock.advance(350);
    assert.equal(waits.socket.written, "HTTP/1.1 100 Continue\r\n\r\n");
    waits.clock.advance(5000);
    assert.equal(waits.socket.written, "HTTP/1.1 100 Continue\r\n\r\n");
    const sends = new DownstreamFixture(() => undefined);
    sends.socket.receive(`${head}hi`);
    sends.clock.advance(5000);
    assert.equal(sends.socket.written, "");
  });
});
