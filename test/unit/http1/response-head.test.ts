/** Tests of the reading of response heads; the wire table in test/conformance has the malformed ones. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Flaw } from "../../../src/http1/flaw.ts";
import { CHUNKED, UNSAID } from "../../../src/http1/framing.ts";
import { defaultHeadLimits } from "../../../src/http1/limits.ts";
import { ResponseHeadReader } from "../../../src/http1/response-head.ts";

function read(text: string, method = "GET"): { reader: ResponseHeadReader; came: number | Flaw } {
  const reader = new ResponseHeadReader(defaultHeadLimits);
  reader.begin(method);
  return { reader, came: reader.next(Buffer.from(`junk${text}`, "latin1"), 4) };
}

describe("a response head", () => {
  it("is read from the middle of a buffer, up to its body", () => {
    const { reader, came } = read("HTTP/1.1 404 Not Found\r\nContent-Length: 2\r\n\r\nok");
    assert.equal(came, 4 + 45);
    assert.deepEqual([reader.status, reader.reason, reader.version, reader.length], [404, "Not Found", 11, 2]);
    assert.equal(reader.keepAlive, true);
  });

  it("says how its body ends", () => {
    const cases = [
      ["GET", "HTTP/1.1 200 OK\r\n\r\n", UNSAID, false],
      ["GET", "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n", CHUNKED, true],
      ["GET", "HTTP/1.1 200 OK\r\nConnection: close\r\nContent-Length: 1\r\n\r\n", 1, false],
      ["GET", "HTTP/1.0 200 OK\r\nContent-Length: 1\r\n\r\n", 1, false],
      ["GET", "HTTP/1.0 200 OK\r\nConnection: keep-alive\r\nContent-Length: 1\r\n\r\n", 1, true],
      ["HEAD", "HTTP/1.1 200 OK\r\nContent-Length: 9\r\n\r\n", 0, true],
      ["GET", "HTTP/1.1 304 X\r\nContent-Length: 9\r\n\r\n", 0, true],
      ["GET", "HTTP/1.1 204 X\r\nTransfer-Encoding: chunked\r\n\r\n", 0, true],
    ] as const;
    for (const [method, text, length, keepAlive] of cases) {
      const { reader, came } = read(text, method);
      assert.equal(came, 4 + text.length, text);
      assert.deepEqual([reader.length, reader.keepAlive], [length, keepAlive], text);
    }
  });

  it("waits for its end, but not for that of nonsense", () => {
    for (const text of ["", "H", "HTTP/1.", "HTTP/1.1 200 OK\r\nX: 1\r\n"]) assert.equal(read(text).came, -1, text);
    assert.equal(read("X").came, "line.status");
    assert.equal(read("HTTP/2").came, "line.status");
    assert.equal(read("HTTP/1.1 200 OK\nX: 1").came, "head.ending");
    assert.equal(read(`HTTP/1.1 200 OK\r\nX: ${"a".repeat(13_000)}`).came, "head.large");
  });

  it("stops at the limit of interim answers, and anew for each request", () => {
    const reader = new ResponseHeadReader(defaultHeadLimits);
    const interim = Buffer.from("HTTP/1.1 103 E\r\n\r\n");
    for (let turn = 0; turn < 2; turn++) {
      reader.begin("GET");
      for (let count = 0; count < 100; count++) assert.equal(reader.next(interim, 0), interim.length);
      assert.equal(reader.next(interim, 0), "status.interim");
    }
    assert.equal(reader.next(Buffer.from("HTTP/1.1 101 S\r\n\r\n"), 0), "status.upgrade");
  });
});
