/** Tests of the answer that a caller gets for a failure. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { asFinal, asRetryable, type Failure, failure, failures } from "../../../src/base/failure.ts";
import type { BodySink } from "../../../src/http/body.ts";
import { BytesBody, errorResponse, formEncoded } from "../../../src/http/error-response.ts";
import { HeaderList } from "../../../src/http/header-list.ts";
import type { ResponseHead } from "../../../src/http/exchange.ts";

function read(body: { pipe(sink: BodySink): void }): string {
  let text = "";
  let ended = 0;
  body.pipe({
    chunk: (bytes) => {
      text += Buffer.from(bytes).toString("utf8");
      return true;
    },
    end: () => ended++,
    fail: () => assert.fail("the body is whole"),
    flush: () => undefined,
  });
  assert.equal(ended, 1);
  return text;
}

describe("an error response", () => {
  it("has status, reason, sentence and code of its failure", () => {
    const response: ResponseHead = { version: 10, status: 0, reason: "", headers: new HeaderList() };
    const body = errorResponse(response, failures["name.negative"]);
    assert.equal(response.status, 502);
    assert.equal(response.reason, "Bad Gateway");
    assert.equal(response.headers.get("content-type"), "text/plain");
    assert.equal(response.headers.get("content-length"), String(body.length));
    assert.equal(response.headers.get("linkspan-code"), "name.negative");
    assert.equal(response.headers.get("l5d-err"), "No+such+service%3A+the+name+binds+to+nothing.");
    assert.equal(read(body), "No such service: the name binds to nothing.\n");
  });

  it("tells that the request may be sent again where nothing was done with it, and only there", () => {
    const told = (why: Failure): string | undefined => {
      const response: ResponseHead = { version: 11, status: 0, reason: "", headers: new HeaderList() };
      errorResponse(response, why);
      return response.headers.get("l5d-retryable");
    };
    assert.equal(told(failures["upstream.refused"]), "true");
    assert.equal(told(asRetryable(failures["upstream.reset"])), "true");
    assert.equal(told(failures["upstream.reset"]), undefined);
    assert.equal(told(asFinal(failures["upstream.refused"])), undefined);
    assert.equal(told(failures["connect.failed"]), undefined);
    assert.equal(told(failures["cluster.overloaded"]), undefined);
  });

  it("can be sent whatever its message holds", () => {
    const response: ResponseHead = { version: 11, status: 0, reason: "", headers: new HeaderList() };
    const message = `caf\u00e9 \u{1f600}\r\nx: y\0 ${"z".repeat(100_000)} \ud800`;
    const body = errorResponse(response, failure("internal", message));
    assert.match(response.headers.get("l5d-err") ?? "", /^caf%C3%A9\+%F0%9F%98%80%0D%0Ax%3A\+y%00\+z+$/);
    assert.ok((response.headers.get("l5d-err") ?? "").length <= 4096);
    assert.ok(body.length <= 64 * 1024);
  });

  it("encodes as forms do, never half a letter", () => {
    assert.equal(formEncoded("a b*-._~", 100), "a+b*-._%7E");
    assert.equal(formEncoded("ab\u00e9", 7), "ab");
    assert.equal(formEncoded("ab\u00e9", 8), "ab%C3%A9");
    assert.equal(formEncoded("\ud800", 10), "%3F");
  });

  it("has a body that can be piped for each attempt", () => {
    const body = new BytesBody(Buffer.from("abc"));
    assert.equal(body.length, 3);
    assert.equal(read(body) + read(body), "abcabc");
    assert.equal(read(new BytesBody(Buffer.alloc(0))), "");
  });
});
