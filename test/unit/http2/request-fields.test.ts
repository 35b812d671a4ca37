/** Tests of the reading of a request's fields: every way to be malformed, and what the exchange gets of a good one. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "../../../src/http/exchange.ts";
import { isValue, BAD_VALUE, nameKind, NEVER } from "../../../src/http2/field-kind.ts";
import type { FieldList } from "../../../src/http2/field-list.ts";
import { RequestFields } from "../../../src/http2/request-fields.ts";
import { http2Exchange, live } from "../../fakes/header-blocks.ts";

const reader = new RequestFields();

/** Reads `name: value` lines, as they would come from a block. */
function read(lines: readonly string[], x: Exchange): string | undefined {
  reader.reset();
  for (const line of lines) {
    const colon = line.indexOf(": ", 1);
    const [name, value] = [line.slice(0, colon), line.slice(colon + 2)];
    reader.field(name, value, nameKind(name) | (isValue(value) ? 0 : BAD_VALUE));
  }
  return reader.finish(x);
}

const flawOf = (...lines: readonly string[]): string | undefined => read(lines, http2Exchange());

function good(...lines: readonly string[]): Exchange {
  const x = http2Exchange();
  assert.equal(read(lines, x), undefined, lines.join(", "));
  return x;
}

const GET = [":method: GET", ":scheme: http", ":path: /a", ":authority: h"];
const without = (name: string): string[] => GET.filter((line) => !line.startsWith(name));
const withLine = (name: string, line: string): string[] => GET.map((each) => (each.startsWith(name) ? line : each));

describe("a good request", () => {
  it("becomes a head as HTTP/1 has it", () => {
    const x = good(...GET, "accept: */*", "x-a: 1");
    const { version, method, target, headers } = x.request;
    assert.deepEqual([version, method, target, x.scheme, x.upgrade], [20, "GET", "/a", "http", ""]);
    assert.deepEqual(live(headers), ["host: h", "accept: */*", "x-a: 1"]);
    assert.equal(reader.contentLength, -1);
  });

  it("may say its pseudo fields in any order, and https", () => {
    const x = good(":authority: H:8443", ":path: /?q", ":scheme: https", ":method: PURGE");
    assert.deepEqual([x.request.method, x.request.target, x.scheme], ["PURGE", "/?q", "https"]);
    assert.deepEqual(live(x.request.headers), ["host: H:8443"]);
  });

  it("may have a Host in the authority's place, or the same beside it", () => {
    assert.deepEqual(live(good(...without(":authority"), "a: 1", "host: h:1").request.headers), ["a: 1", "host: h:1"]);
    assert.deepEqual(live(good(...GET, "host: H").request.headers), ["host: h"]);
  });

  it("may ask for everything with OPTIONS", () => {
    const x = good(":method: OPTIONS", ":scheme: http", ":path: *", ":authority: h");
    assert.equal(x.request.target, "*");
    assert.equal(flawOf(...withLine(":path", ":path: *")), "pseudo.path");
  });

  it("has its path percent-encoded where browsers do not", () => {
    assert.equal(good(...withLine(":path", ':path: /a|b"c?{%')).request.target, "/a%7Cb%22c?%7B%25");
    assert.equal(good(...withLine(":path", ":path: /a%2Fb")).request.target, "/a%2Fb");
  });

  it("has its cookies in one field, in their order", () => {
    const x = good(...GET, "cookie: a=1", "x: y", "cookie: b=2", "cookie: c=3");
    assert.deepEqual(live(x.request.headers), ["host: h", "cookie: a=1; b=2; c=3", "x: y"]);
  });

  it("may repeat its content-length, but not say two", () => {
    const x = good(...GET, "content-length: 12", "content-length: 12");
    assert.deepEqual(live(x.request.headers), ["host: h", "content-length: 12"]);
    assert.equal(reader.contentLength, 12);
    assert.equal(flawOf(...GET, "content-length: 12", "content-length: 13"), "length.differs");
    assert.equal(flawOf(...GET, "content-length: 12", "content-length: x"), "length.grammar");
    for (const text of ["", "-1", "+1", "1,1", "1 1", "0x1", "1e3", "9".repeat(16)])
      assert.equal(flawOf(...GET, `content-length: ${text}`), "length.grammar", text);
  });

  it("may take trailers, and no other coding", () => {
    assert.deepEqual(live(good(...GET, "te: Trailers").request.headers), ["host: h", "te: trailers"]);
    for (const text of ["gzip", "trailers, gzip", ""]) assert.equal(flawOf(...GET, `te: ${text}`), "field.te");
  });

  it("leaves a field that may enter no table as one", () => {
    reader.reset();
    for (const line of GET)
      reader.field(
        line.slice(0, line.indexOf(": ", 1)),
        line.slice(line.indexOf(": ", 1) + 2),
        nameKind(line.slice(0, line.indexOf(": ", 1))),
      );
    reader.field("x-secret", "1", NEVER);
    const x = http2Exchange();
    assert.equal(reader.finish(x), undefined);
    const list = x.request.headers as FieldList;
    assert.equal(list.kind(list.find("x-secret")) & NEVER, NEVER);
  });
});

describe("CONNECT", () => {
  it("names a host and a port, and nothing else", () => {
    const x = good(":method: CONNECT", ":authority: h:443");
    assert.deepEqual([x.request.method, x.request.target, x.upgrade], ["CONNECT", "h:443", ""]);
    assert.deepEqual(live(x.request.headers), ["host: h:443"]);
    for (const authority of ["h", "h:", "h:0", "h:65536", ":443"])
      assert.match(
        flawOf(":method: CONNECT", `:authority: ${authority}`) ?? "",
        /^(?:connect\.form|pseudo\.authority)$/,
        authority,
      );
    assert.equal(flawOf(":method: CONNECT"), "connect.form");
    assert.equal(flawOf(":method: CONNECT", "host: h:443"), "connect.form");
    assert.equal(flawOf(":method: CONNECT", ":authority: h:443", ":path: /"), "connect.form");
    assert.equal(flawOf(":method: CONNECT", ":authority: h:443", ":scheme: http"), "connect.form");
    assert.equal(flawOf(...withLine(":method", ":method: CONNECT")), "connect.form");
  });

  it("with a protocol is a GET that asks for a switch", () => {
    const extended = [":method: CONNECT", ":protocol: WebSocket", ":scheme: https", ":path: /chat", ":authority: h"];
    const x = good(...extended, "sec-websocket-version: 13");
    assert.deepEqual([x.request.method, x.request.target, x.upgrade, x.scheme], ["GET", "/chat", "websocket", "https"]);
    assert.deepEqual(live(x.request.headers), ["host: h", "sec-websocket-version: 13"]);
    for (const missing of [":scheme", ":path", ":authority"])
      assert.equal(flawOf(...extended.filter((line) => !line.startsWith(missing))), "pseudo.missing");
    assert.equal(flawOf(...extended.filter((line) => !line.startsWith(":method"))), "pseudo.protocol");
    assert.equal(flawOf(...GET, ":protocol: websocket"), "pseudo.protocol");
    assert.equal(flawOf(...extended.map((line) => line.replace("WebSocket", "web socket"))), "pseudo.protocol");
    assert.equal(flawOf(...extended.map((line) => line.replace("/chat", "*"))), "pseudo.path");
  });
});

describe("a malformed request", () => {
  it("lacks a pseudo field", () => {
    for (const name of [":method", ":scheme", ":path"]) assert.equal(flawOf(...without(name)), "pseudo.missing", name);
    assert.equal(flawOf(), "pseudo.missing");
    assert.equal(flawOf(...without(":authority")), "host.missing");
  });

  it("has a pseudo field twice, late, unknown, or of an answer", () => {
    for (const line of GET) assert.equal(flawOf(...GET, line), "pseudo.repeated", line);
    assert.equal(flawOf("a: 1", ...GET), "pseudo.late");
    for (const early of ["cookie: a", "host: h", "te: trailers", "content-length: 1"])
      assert.equal(flawOf(early, ...GET), "pseudo.late", early);
    for (const line of [":status: 200", ":foo: 1", ":Path: /", ":: 1"])
      assert.equal(flawOf(...GET, line), "pseudo.unknown");
  });

  it("has a pseudo field that says nothing sound", () => {
    for (const method of ["", "G T", "GET(", "G\u00c9T"])
      assert.equal(flawOf(...withLine(":method", `:method: ${method}`)), "pseudo.method");
    for (const scheme of ["", "HTTP", "ftp", "http:", "ws"])
      assert.equal(flawOf(...withLine(":scheme", `:scheme: ${scheme}`)), "pseudo.scheme");
    for (const path of ["", "a", "http://h/", "/a b", "/a#b", "/\u00e9", "/%", "/%zz", "?q", "\\"])
      assert.equal(flawOf(...withLine(":path", `:path: ${path}`)), "pseudo.path", path);
    for (const authority of ["", ":", ":80", "u@h", "h/a", "h:x", "[::1", "h h", "h:123456"])
      assert.equal(flawOf(...withLine(":authority", `:authority: ${authority}`)), "pseudo.authority", authority);
  });

  it("leaves open where it goes", () => {
    assert.equal(flawOf(...GET, "host: g"), "host.differs");
    assert.equal(flawOf(...GET, "host: h:80"), "host.differs");
    assert.equal(flawOf(...GET, "host: h", "host: g"), "host.differs");
    assert.equal(flawOf(...without(":authority"), "host: h", "host: h"), "host.differs");
    assert.equal(flawOf(...without(":authority"), "host: "), "pseudo.authority");
    assert.equal(flawOf(...without(":authority"), "host: u:p@h"), "pseudo.authority");
  });

  it("has a field of one connection of HTTP/1", () => {
    for (const name of ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"])
      assert.equal(flawOf(...GET, `${name}: x`), "field.connection", name);
  });

  it("has a name or a value that may not stand", () => {
    for (const name of ["X-A", "a b", "a\0", "\u00e9"]) assert.equal(flawOf(...GET, `${name}: 1`), "field.name", name);
    for (const value of [" a", "a ", "a\0b", "a\rb", "a\nb", "a\r\nb: c"]) {
      assert.equal(flawOf(...GET, `x-a: ${value}`), "field.value", JSON.stringify(value));
      for (const name of ["cookie", "te", "content-length"])
        assert.equal(flawOf(...GET, `${name}: ${value}`), "field.value");
      for (const name of [":method", ":path", ":scheme", ":authority"])
        assert.equal(flawOf(...withLine(name, `${name}: ${value}`)), "field.value");
    }
  });

  it("is told by its first flaw, and leaves the exchange's list alone", () => {
    const x = http2Exchange();
    const { headers } = x.request;
    assert.equal(read([...GET, "connection: x", "X: 1"], x), "field.connection");
    assert.equal(x.request.headers, headers);
    assert.deepEqual(live(headers), []);
  });
});

describe("a reader", () => {
  it("gives each exchange a list of its own, and remembers nothing of the last request", () => {
    const first = good(...GET, "cookie: a=1", "content-length: 5", "x-a: 1");
    const second = good(...withLine(":authority", ":authority: g"), "cookie: b=2");
    assert.deepEqual(live(first.request.headers), ["host: h", "cookie: a=1", "content-length: 5", "x-a: 1"]);
    assert.deepEqual(live(second.request.headers), ["host: g", "cookie: b=2"]);
    assert.equal(reader.contentLength, -1);
    assert.equal(flawOf(...GET, "X: 1"), "field.name");
    good(...GET);
    assert.equal(flawOf(), "pseudo.missing");
  });
});
