/** Tests of the reading of request heads; the wire table in test/conformance has the malformed ones. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Flaw } from "../../../src/http1/flaw.ts";
import { CHUNKED } from "../../../src/http1/framing.ts";
import { defaultHeadLimits } from "../../../src/http1/limits.ts";
import { RequestHeadReader } from "../../../src/http1/request-head.ts";

function read(text: string, reader = new RequestHeadReader(defaultHeadLimits)): RequestHeadReader | Flaw {
  const bytes = Buffer.from(`junk${text}more`, "latin1");
  return reader.read(bytes, 4, bytes.indexOf("\r\n\r\n")) ?? reader;
}

function good(text: string): RequestHeadReader {
  const head = read(text);
  if (typeof head === "string") assert.fail(head);
  return head;
}

describe("a request head", () => {
  it("is read from the middle of a buffer", () => {
    const head = good("POST /a?b HTTP/1.1\r\nHost: c\r\nContent-Length: 12\r\n\r\n");
    assert.equal(head.method, "POST");
    assert.equal(head.target, "/a?b");
    assert.equal(head.version, 11);
    assert.equal(head.length, 12);
    assert.equal(head.headers.get("host"), "c");
    assert.equal(head.headers.lines(), "Host: c\r\nContent-Length: 12\r\n");
  });

  it("may have no fields in HTTP/1.0", () => {
    const head = good("GET / HTTP/1.0\r\n\r\n");
    assert.equal(head.version, 10);
    assert.equal(head.headers.size, 0);
    assert.equal(head.headers.lines(), "");
  });

  it("says whether the connection stays", () => {
    const stays = [
      ["HTTP/1.1", "", true],
      ["HTTP/1.1", "Connection: close\r\n", false],
      ["HTTP/1.1", "Connection: x, CLOSE\r\n", false],
      ["HTTP/1.0", "", false],
      ["HTTP/1.0", "Connection: Keep-Alive\r\n", true],
      ["HTTP/1.0", "Connection: keep-alive, close\r\n", false],
    ] as const;
    for (const [version, line, expected] of stays) {
      assert.equal(good(`GET / ${version}\r\nHost: a\r\n${line}\r\n`).keepAlive, expected, `${version} ${line}`);
    }
  });

  it("says whether the caller waits for a 100", () => {
    const body = "Content-Length: 2\r\n";
    assert.equal(good(`POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-Continue\r\n${body}\r\n`).awaitsContinue, true);
    assert.equal(good("POST / HTTP/1.1\r\nHost: a\r\nExpect: 100-continue\r\n\r\n").awaitsContinue, false);
    assert.equal(good(`POST / HTTP/1.0\r\nHost: a\r\nExpect: 100-continue\r\n${body}\r\n`).awaitsContinue, false);
    assert.equal(good(`POST / HTTP/1.1\r\nHost: a\r\nExpect: other\r\n${body}\r\n`).awaitsContinue, false);
  });

  it("loses its Upgrade, and its Host to an absolute form", () => {
    const head = good("GET http://b:1/x HTTP/1.1\r\nHost: a\r\nUpgrade: h2c\r\nTransfer-Encoding: chunked\r\n\r\n");
    assert.equal(head.headers.get("upgrade"), undefined);
    assert.equal(head.headers.get("host"), "b:1");
    assert.equal(head.target, "/x");
    assert.equal(head.length, CHUNKED);
  });

  it("leaves nothing behind for the next", () => {
    const reader = new RequestHeadReader(defaultHeadLimits);
    read("POST / HTTP/1.0\r\nHost: a\r\nContent-Length: 5\r\nX: 1\r\n\r\n", reader);
    read("GET / HTTP/1.1\r\nHost: b\r\n\r\n", reader);
    assert.deepEqual([reader.length, reader.version, reader.keepAlive, reader.headers.size], [0, 11, true, 1]);
  });

  it("is measured to the byte", () => {
    const line = (length: number): string => `GET /${"a".repeat(length - 14)} HTTP/1.1\r\nHost: a\r\n\r\n`;
    assert.equal(typeof read(line(4096)), "object");
    assert.equal(read(line(4097)), "line.large");
    const fields = (length: number): string => `GET / HTTP/1.1\r\nHost: a\r\nX: ${"a".repeat(length - 14)}\r\n\r\n`;
    assert.equal(typeof read(fields(8192)), "object");
    assert.equal(read(fields(8193)), "head.large");
  });

  it("tells a version that is not served from none", () => {
    assert.equal(read("GET / HTTP/2.0\r\nHost: a\r\n\r\n"), "line.unserved");
    assert.equal(read("GET / HTTP/1.2\r\nHost: a\r\n\r\n"), "line.unserved");
    assert.equal(read("GET / HTTX/1.1\r\nHost: a\r\n\r\n"), "line.version");
    assert.equal(read("CONNECT a:1 HTTP/1.1\r\nHost: a\r\n\r\n"), "line.connect");
  });
});
