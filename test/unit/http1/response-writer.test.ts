/** Tests of the writing of answers to a socket. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { failures } from "../../../src/base/failure.ts";
import type { ResponseHead } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { ResponseWriter } from "../../../src/http1/response-writer.ts";
import { FakeSocket } from "../../fakes/fake-socket.ts";

const GET = { version: 11, method: "GET" };
const response = (status = 200): ResponseHead => ({ version: 11, status, reason: "OK", headers: new HeaderList() });

function newWriter(): { writer: ResponseWriter; socket: FakeSocket; cuts: () => number } {
  const socket = new FakeSocket();
  let cuts = 0;
  return { writer: new ResponseWriter(socket, { cut: () => cuts++ }), socket, cuts: () => cuts };
}

describe("an answer", () => {
  it("leaves head and body in one write", () => {
    const { writer, socket } = newWriter();
    assert.equal(writer.head(response(), GET, 2, true), true);
    writer.chunk(Buffer.from("ok"));
    assert.equal(socket.writes, 0);
    writer.end();
    assert.equal(socket.writes, 1);
    assert.equal(socket.written, "HTTP/1.1 200 OK\r\ncontent-length: 2\r\n\r\nok");
    assert.equal(writer.hasEnded, true);
  });

  it("in short chunks leaves in one write too, and behind the one before", () => {
    const { writer, socket } = newWriter();
    writer.head(response(204), GET, 0, true);
    writer.end();
    writer.reset();
    writer.head(response(), GET, -1, true);
    writer.chunk(Buffer.from("0123456789"));
    writer.end();
    assert.equal(socket.writes, 1);
    assert.match(socket.written, /^HTTP\/1.1 204 .*\r\n\r\na\r\n0123456789\r\n0\r\n\r\n$/s);
  });

  it("is whole and in order where a piece of it is long, or some of it leaves alone", () => {
    for (const long of [2000, 10]) {
      const { writer, socket } = newWriter();
      writer.head(response(), GET, -1, true);
      writer.chunk(Buffer.from("0123456789"));
      if (long === 10) writer.flush();
      writer.chunk(Buffer.alloc(long, "x"));
      writer.end();
      const end = `\r\n\r\na\r\n0123456789\r\n${long.toString(16)}\r\n${"x".repeat(long)}\r\n0\r\n\r\n`;
      assert.equal(socket.written.endsWith(end), true);
    }
  });

  it("that is whole leaves before its connection goes, and one that is not does not", () => {
    const { writer, socket } = newWriter();
    writer.head(response(), GET, 2, true);
    writer.chunk(Buffer.from("ok"));
    writer.end();
    writer.reset();
    writer.head(response(), GET, 4, true);
    writer.chunk(Buffer.from("half"));
    writer.discard();
    assert.match(socket.written, /ok$/);
  });

  it("is chunked where its length is not known", () => {
    const { writer, socket } = newWriter();
    writer.head(response(), GET, -1, true);
    writer.chunk(Buffer.from("0123456789"));
    writer.chunk(Buffer.alloc(0));
    writer.end(HeaderList.of([["X", "1"]]));
    assert.equal(
      socket.written,
      "HTTP/1.1 200 OK\r\ntransfer-encoding: chunked\r\n\r\na\r\n0123456789\r\n0\r\nX: 1\r\n\r\n",
    );
  });

  it("to HTTP/1.0 ends with the connection where its length is not known", () => {
    const { writer, socket } = newWriter();
    assert.equal(writer.head(response(), { version: 10, method: "GET" }, -1, true), false);
    assert.equal(writer.isOpenEnded, true);
    writer.chunk(Buffer.from("ok"));
    writer.end();
    assert.equal(socket.written, "HTTP/1.1 200 OK\r\nconnection: close\r\n\r\nok");
  });

  it("to HEAD has no byte of a body", () => {
    const { writer, socket } = newWriter();
    writer.head(response(), { version: 11, method: "HEAD" }, 2, true);
    writer.chunk(Buffer.from("ok"));
    writer.end();
    assert.doesNotMatch(socket.written, /ok$/);
  });

  it("that is longer or shorter than it said is cut", () => {
    const long = newWriter();
    long.writer.head(response(), GET, 2, true);
    long.writer.chunk(Buffer.from("okk"));
    assert.equal(long.cuts(), 1);
    assert.doesNotMatch(long.socket.written, /okk/);
    const short = newWriter();
    short.writer.head(response(), GET, 2, true);
    short.writer.chunk(Buffer.from("o"));
    short.writer.end();
    assert.equal(short.cuts(), 1);
  });

  it("that fails is cut once, and says nothing more", () => {
    const { writer, socket, cuts } = newWriter();
    writer.head(response(), GET, -1, true);
    writer.fail(failures["upstream.reset"]);
    writer.fail(failures["upstream.reset"]);
    writer.chunk(Buffer.from("x"));
    writer.end();
    assert.equal(cuts(), 1);
    assert.doesNotMatch(socket.written, /0\r\n\r\n$/);
  });

  it("may come behind interim ones, but they not behind it", () => {
    const { writer, socket } = newWriter();
    writer.interim(103, "Early Hints", HeaderList.of([["Link", "a"]]));
    assert.equal(socket.written, "HTTP/1.1 103 Early Hints\r\nLink: a\r\n\r\n");
    writer.head(response(), GET, 0, true);
    writer.interim(103, "Early Hints", new HeaderList());
    writer.end();
    assert.equal(socket.written.match(/103/g)?.length, 1);
  });

  it("stops its source while the socket is full", () => {
    const { writer, socket } = newWriter();
    writer.head(response(), GET, 10, true);
    socket.isFull = true;
    assert.equal(writer.chunk(Buffer.from("12345")), true);
    writer.flush();
    assert.equal(writer.isBlocked, true);
    assert.equal(writer.chunk(Buffer.from("67890")), false);
    socket.drain();
    writer.unblock();
    assert.equal(writer.isBlocked, false);
  });
});
