/** Tests of the writing of heads: framing is always the codec's own. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { RequestHead, ResponseHead } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import {
  interimHeadText,
  lastChunkText,
  requestHeadText,
  responseFraming,
  responseHeadText,
} from "../../../src/http1/writer.ts";
import { headBlock } from "../../fakes/parsed-head.ts";

const request = (...lines: string[]): RequestHead => ({
  version: 11,
  method: "POST",
  target: "/",
  headers: headBlock(...lines),
});
const response = (status: number, ...lines: string[]): ResponseHead => ({
  version: 11,
  status,
  reason: "R",
  headers: headBlock(...lines),
});

describe("a written request", () => {
  it("has the length of its body, whatever its fields said", () => {
    const line = "POST / HTTP/1.1\r\n";
    assert.equal(requestHeadText(request("content-length: 5"), 5), `${line}content-length: 5\r\n\r\n`);
    assert.equal(requestHeadText(request("Content-Length: 05"), 5), `${line}content-length: 5\r\n\r\n`);
    assert.equal(requestHeadText(request("Content-Length: 9"), 5), `${line}content-length: 5\r\n\r\n`);
    assert.equal(
      requestHeadText(request("Content-Length: 5", "Content-Length: 5"), 5),
      `${line}content-length: 5\r\n\r\n`,
    );
    assert.equal(requestHeadText(request("Content-Length: 5"), 0), `${line}content-length: 0\r\n\r\n`);
    assert.equal(requestHeadText(request("Content-Length: 5"), -1), `${line}transfer-encoding: chunked\r\n\r\n`);
    assert.equal(requestHeadText(request(), 5), `${line}content-length: 5\r\n\r\n`);
    assert.equal(requestHeadText(request(), 0), `${line}\r\n`);
  });

  it("never has another's words about the connection", () => {
    const head = request(
      "Connection: close",
      "Keep-Alive: 1",
      "Proxy-Connection: x",
      "Upgrade: y",
      "Transfer-Encoding: gzip",
      "A: 1",
    );
    assert.equal(requestHeadText(head, 0), "POST / HTTP/1.1\r\nA: 1\r\n\r\n");
  });

  it("is HTTP/1.0 where the caller's was, unless it is chunked", () => {
    assert.match(requestHeadText({ ...request(), version: 10 }, 0), /HTTP\/1\.0\r\n/);
    assert.match(requestHeadText({ ...request(), version: 10 }, -1), /HTTP\/1\.1\r\n/);
    assert.match(requestHeadText({ ...request(), version: 20 }, 0), /HTTP\/1\.1\r\n/);
  });
});

describe("a written answer", () => {
  it("is framed for its caller", () => {
    assert.equal(responseFraming(5, 10, false), "length");
    assert.equal(responseFraming(-1, 11, false), "chunked");
    assert.equal(responseFraming(-1, 10, false), "close");
    assert.equal(responseFraming(5, 11, true), "none");
  });

  it("says its length, even none", () => {
    assert.equal(responseHeadText(response(200), "length", 0, ""), "HTTP/1.1 200 R\r\ncontent-length: 0\r\n\r\n");
    assert.equal(
      responseHeadText(response(200, "Content-Length: 2"), "length", 2, "close"),
      "HTTP/1.1 200 R\r\nContent-Length: 2\r\nconnection: close\r\n\r\n",
    );
    assert.equal(
      responseHeadText(response(200, "Content-Length: 2"), "chunked", -1, ""),
      "HTTP/1.1 200 R\r\ntransfer-encoding: chunked\r\n\r\n",
    );
    assert.equal(
      responseHeadText(response(200, "Content-Length: 2"), "close", -1, "close"),
      "HTTP/1.1 200 R\r\nconnection: close\r\n\r\n",
    );
  });

  it("without a body keeps a length that can be true", () => {
    assert.equal(
      responseHeadText(response(304, "Content-Length: 2"), "none", 0, ""),
      "HTTP/1.1 304 R\r\nContent-Length: 2\r\n\r\n",
    );
    assert.equal(responseHeadText(response(304, "Content-Length: 02"), "none", 0, ""), "HTTP/1.1 304 R\r\n\r\n");
    assert.equal(
      responseHeadText(response(200, "Content-Length: 2", "Content-Length: 2"), "none", 0, ""),
      "HTTP/1.1 200 R\r\n\r\n",
    );
    assert.equal(responseHeadText(response(204, "Content-Length: 0"), "none", 0, ""), "HTTP/1.1 204 R\r\n\r\n");
  });

  it("has no reason rather than a broken one", () => {
    assert.equal(
      responseHeadText({ ...response(200), reason: "a\r\nb: c" }, "length", 0, ""),
      "HTTP/1.1 200 \r\ncontent-length: 0\r\n\r\n",
    );
  });

  it("that is interim has neither framing nor connection", () => {
    assert.equal(
      interimHeadText(103, "E", headBlock("Link: a", "Content-Length: 5", "Connection: x")),
      "HTTP/1.1 103 E\r\nLink: a\r\n\r\n",
    );
  });
});

it("a chunked body ends with its trailers", () => {
  assert.equal(lastChunkText(undefined), "0\r\n\r\n");
  assert.equal(lastChunkText(HeaderList.of([["X", "1"]])), "0\r\nX: 1\r\n\r\n");
});
