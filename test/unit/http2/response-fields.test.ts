/** Tests of the reading of a response's fields. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Exchange } from "../../../src/http/exchange.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import { BAD_VALUE, isValue, nameKind } from "../../../src/http2/field-kind.ts";
import { ResponseFields } from "../../../src/http2/response-fields.ts";
import { http2Exchange, live } from "../../fakes/header-blocks.ts";

const reader = new ResponseFields();

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

describe("a response", () => {
  it("becomes a head as HTTP/1 has it", () => {
    const x = http2Exchange();
    assert.equal(read([":status: 404", "content-length: 3", "x-a: 1", "set-cookie: a", "set-cookie: b"], x), undefined);
    const { version, status, reason, headers } = x.response;
    assert.deepEqual([version, status, reason], [20, 404, "Not Found"]);
    assert.deepEqual(live(headers), ["content-length: 3", "x-a: 1", "set-cookie: a", "set-cookie: b"]);
    assert.equal(reader.contentLength, 3);
  });

  it("has one status of three digits, before all else", () => {
    for (const status of ["", "20", "2000", "099", "2xx", "+20", "101", "0200"])
      assert.equal(flawOf(`:status: ${status}`), "pseudo.status", status);
    assert.equal(flawOf("a: 1"), "pseudo.missing");
    assert.equal(flawOf(), "pseudo.missing");
    assert.equal(flawOf("a: 1", ":status: 200"), "pseudo.late");
    assert.equal(flawOf(":status: 200", ":status: 200"), "pseudo.repeated");
    for (const name of [":path", ":method", ":foo"])
      assert.equal(flawOf(":status: 200", `${name}: x`), "pseudo.unknown");
    for (const status of [100, 103, 200, 299, 599, 999]) assert.equal(flawOf(`:status: ${status}`), undefined);
  });

  it("has no field that may not stand", () => {
    for (const name of ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"])
      assert.equal(flawOf(":status: 200", `${name}: x`), "field.connection");
    assert.equal(flawOf(":status: 200", "X-A: 1"), "field.name");
    assert.equal(flawOf(":status: 200", "x-a: 1 "), "field.value");
    assert.equal(flawOf(":status:  200"), "field.value");
    assert.equal(flawOf(":status: 200", "content-length: 1", "content-length: 2"), "length.differs");
    assert.equal(flawOf(":status: 200", "content-length: x"), "length.grammar");
  });

  it("below 200 leaves the exchange alone, and has its fields until the next one", () => {
    const x = http2Exchange();
    const { headers } = x.response;
    assert.equal(read([":status: 103", "link: </a>"], x), undefined);
    assert.deepEqual([reader.status, x.response.status, x.response.headers], [103, 0, headers]);
    assert.deepEqual(live(reader.headers), ["link: </a>"]);
    assert.equal(read([":status: 200"], x), undefined);
    assert.deepEqual([reader.status, live(x.response.headers)], [200, []]);
  });

  it("of 2xx to an extended CONNECT is the 101 that HTTP/1 knows, and has no length", () => {
    const x = http2Exchange();
    x.upgrade = "websocket";
    assert.equal(read([":status: 200", "content-length: 0"], x), undefined);
    assert.deepEqual(
      [x.response.status, x.response.reason, live(x.response.headers)],
      [101, "Switching Protocols", []],
    );
    assert.equal(reader.contentLength, -1);
    assert.equal(read([":status: 403", "content-length: 0"], x), undefined);
    assert.deepEqual([x.response.status, live(x.response.headers)], [403, ["content-length: 0"]]);
  });

  it("of 2xx to CONNECT keeps its status, and has no length", () => {
    const x = http2Exchange();
    x.request.method = "CONNECT";
    assert.equal(read([":status: 204", "content-length: 7"], x), undefined);
    assert.deepEqual([x.response.status, live(x.response.headers)], [204, []]);
  });

  it("has a list of its own, also where the exchange had another kind of list", () => {
    const [first, second] = [http2Exchange(), http2Exchange()];
    first.response.headers = HeaderList.of([["a", "1"]]);
    assert.equal(read([":status: 200", "b: 2"], first), undefined);
    assert.equal(read([":status: 200", "c: 3"], second), undefined);
    assert.deepEqual([live(first.response.headers), live(second.response.headers)], [["b: 2"], ["c: 3"]]);
  });
});
