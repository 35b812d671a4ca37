/** Tests of the blocks that are made from the exchange's heads. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { Headers } from "../../../src/http/headers.ts";
import {
  fieldsBlockBound,
  interimBlock,
  requestBlock,
  requestBlockBound,
  responseBlock,
  responseBlockBound,
  trailersBlock,
} from "../../../src/http2/blocks.ts";
import { nameKind } from "../../../src/http2/field-kind.ts";
import { FieldList } from "../../../src/http2/field-list.ts";
import { HpackEncoder } from "../../../src/http2/hpack-encoder.ts";
import { StrictDecoder } from "../../fakes/h2-hpack.ts";
import { bodyOf, http2Exchange } from "../../fakes/header-blocks.ts";
import { headBlock } from "../../fakes/parsed-head.ts";

/** The lines of a block that `write` makes, which holds the bound. */
function linesOf(bound: number, write: (encoder: HpackEncoder, out: Buffer) => number): string[] {
  const out = Buffer.alloc(bound + 1);
  const end = write(new HpackEncoder(), out);
  assert.ok(end <= bound + 1, `${end - 1} bytes, and the bound is ${bound}`);
  return new StrictDecoder().decode(out.subarray(1, end)).map(([name, value]) => `${name}: ${value}`);
}

const requestLines = (x: Exchange, scheme: "http" | "https" = "http"): string[] =>
  linesOf(requestBlockBound(x), (encoder, out) => requestBlock(x, scheme, encoder, out, 1));
const responseLines = (x: Exchange): string[] =>
  linesOf(responseBlockBound(x), (encoder, out) => responseBlock(x, encoder, out, 1));

/** The same fields in each kind of list that a head can have. */
function eachKind(lines: readonly string[], test: (headers: Headers) => void): void {
  const fields = lines.map((line) => line.split(": ") as [string, string]);
  const list = new FieldList();
  for (const [name, value] of fields) list.add(name.toLowerCase(), value, nameKind(name.toLowerCase()));
  for (const headers of [list, headBlock(...lines), HeaderList.of(fields)]) test(headers);
}

function request(headers: Headers, method = "GET", target = "/a", body = 0): Exchange {
  const x = http2Exchange(body);
  Object.assign(x.request, { method, target, headers });
  return x;
}

describe("the block of a request", () => {
  it("has the pseudo fields first, the Host as authority, and names in lower case", () => {
    eachKind(["Host: h:80", "Accept: */*", "X-Long: ".padEnd(400, "v"), "Accept: a"], (headers) => {
      assert.deepEqual(requestLines(request(headers), "https"), [
        ":method: GET",
        ":scheme: https",
        ":authority: h:80",
        ":path: /a",
        "accept: */*",
        `x-long: ${"v".repeat(392)}`,
        "accept: a",
      ]);
    });
  });

  it("leaves out what was dropped, and what belongs to one connection", () => {
    const lines = ["Host: h", "Connection: x", "Keep-Alive: 1", "Proxy-Connection: x", "TE: gzip", "A: 1", "B: 2"];
    eachKind([...lines, "Transfer-Encoding: chunked", "Upgrade: h2c"], (headers) => {
      headers.drop(headers.find("a"));
      headers.append("C", "3");
      const lines = requestLines(request(headers));
      assert.deepEqual(lines.slice(4), ["b: 2", "c: 3"]);
    });
  });

  it("says that trailers are taken where the caller did", () => {
    eachKind(["Host: h", "A: 1"], (headers) => {
      const x = request(headers);
      x.takesTrailers = true;
      assert.deepEqual(requestLines(x).slice(4), ["a: 1", "te: trailers"]);
    });
  });

  it("says no authority where there is none", () => {
    for (const host of ["Host: ", "Host: :80"]) {
      eachKind([host, "A: 1"], (headers) => {
        assert.deepEqual(requestLines(request(headers)), [":method: GET", ":scheme: http", ":path: /a", "a: 1"]);
      });
    }
    assert.deepEqual(requestLines(request(new FieldList())), [":method: GET", ":scheme: http", ":path: /a"]);
  });

  it("says the body's true length, once, where one was said at all", () => {
    eachKind(["Host: h", "Content-Length: 007", "Content-Length: 9"], (headers) => {
      assert.deepEqual(requestLines(request(headers, "POST", "/", 7)).slice(4), ["content-length: 7"]);
      assert.deepEqual(requestLines(request(headers, "POST", "/", -1)).slice(4), []);
    });
    eachKind(["Host: h"], (headers) => {
      assert.deepEqual(requestLines(request(headers, "POST", "/", 7)).slice(4), []);
    });
  });

  it("of CONNECT has an authority only", () => {
    eachKind(["Host: other", "Content-Length: 3", "A: 1"], (headers) => {
      assert.deepEqual(requestLines(request(headers, "CONNECT", "h:443", -1)), [
        ":method: CONNECT",
        ":authority: h:443",
        "a: 1",
      ]);
    });
  });

  it("of an upgrade is an extended CONNECT, without the key of HTTP/1", () => {
    eachKind(["Host: h", "Sec-WebSocket-Key: k", "Sec-WebSocket-Version: 13"], (headers) => {
      const x = request(headers, "GET", "/chat");
      x.upgrade = "websocket";
      assert.deepEqual(requestLines(x), [
        ":method: CONNECT",
        ":protocol: websocket",
        ":scheme: http",
        ":authority: h",
        ":path: /chat",
        "sec-websocket-version: 13",
      ]);
    });
  });
});

describe("the block of a response", () => {
  function response(headers: Headers, status: number, body: number, method = "GET"): Exchange {
    const x = http2Exchange();
    x.request.method = method;
    Object.assign(x.response, { status, headers, reason: "ignored" });
    x.responseBody = bodyOf(body);
    return x;
  }

  it("has the status first, and no reason", () => {
    eachKind(["Server: s", "Connection: close", "Content-Length: 3"], (headers) => {
      assert.deepEqual(responseLines(response(headers, 200, 3)), [":status: 200", "server: s", "content-length: 3"]);
      assert.deepEqual(responseLines(response(headers, 418, -1)), [":status: 418", "server: s"]);
    });
  });

  it("keeps the length of another answer where it tells of one, if it is one", () => {
    eachKind(["Content-Length: 3"], (headers) => {
      assert.deepEqual(responseLines(response(headers, 200, 0, "HEAD")), [":status: 200", "content-length: 3"]);
      assert.deepEqual(responseLines(response(headers, 304, 0)), [":status: 304", "content-length: 3"]);
      assert.deepEqual(responseLines(response(headers, 204, 0)), [":status: 204"]);
    });
    for (const lines of [["Content-Length: 3", "Content-Length: 3"], ["Content-Length: 03"], ["Content-Length: x"]]) {
      eachKind(lines, (headers) => {
        assert.deepEqual(responseLines(response(headers, 304, 0)), [":status: 304"], lines.join());
      });
    }
  });

  it("of a switch is a 200 without the accept of HTTP/1", () => {
    eachKind(["Sec-WebSocket-Accept: a", "Sec-WebSocket-Protocol: p", "Upgrade: websocket"], (headers) => {
      assert.deepEqual(responseLines(response(headers, 101, -1)), [":status: 200", "sec-websocket-protocol: p"]);
    });
  });

  it("to CONNECT has no length where it opens a tunnel", () => {
    eachKind(["Content-Length: 0"], (headers) => {
      assert.deepEqual(responseLines(response(headers, 200, 0, "CONNECT")), [":status: 200"]);
      assert.deepEqual(responseLines(response(headers, 403, 0, "CONNECT")), [":status: 403", "content-length: 0"]);
    });
  });

  it("before the final one has no length", () => {
    eachKind(["Link: </a>", "Content-Length: 0", "Connection: x"], (headers) => {
      const lines = linesOf(fieldsBlockBound(headers), (encoder, out) => interimBlock(103, headers, encoder, out, 1));
      assert.deepEqual(lines, [":status: 103", "link: </a>"]);
    });
  });
});

describe("the block of trailers", () => {
  it("has what may stand there", () => {
    eachKind(
      ["Grpc-Status: 0", "Content-Length: 3", "Connection: x", "Host: h", "X-Sum: 1", "X-Gone: 1"],
      (headers) => {
        headers.remove("x-gone");
        const lines = linesOf(fieldsBlockBound(headers), (encoder, out) => trailersBlock(headers, encoder, out, 1));
        assert.deepEqual(lines, ["grpc-status: 0", "x-sum: 1"]);
      },
    );
  });
});
