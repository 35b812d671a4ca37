/** Tests of what can be said against a head that is not whole. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Flaw } from "../../../src/http1/flaw.ts";
import { defaultHeadLimits } from "../../../src/http1/limits.ts";
import { PartialHead } from "../../../src/http1/partial-head.ts";

const check = (text: string): Flaw | undefined =>
  new PartialHead().check(Buffer.from(`xx${text}`, "latin1"), 2, defaultHeadLimits);

describe("a partial head", () => {
  it("is waited for while it may become one", () => {
    const whole = "GET / HTTP/1.1\r\nHost: a\r\nX: \xe9\tb\r\n\r";
    const partial = new PartialHead();
    for (let length = 1; length <= whole.length; length++) {
      const bytes = Buffer.from(whole.slice(0, length), "latin1");
      assert.equal(partial.check(bytes, 0, defaultHeadLimits), undefined, bytes.toString("latin1"));
      assert.equal(partial.end(bytes, 0), -1);
    }
    assert.equal(partial.end(Buffer.from(`${whole}\n`, "latin1"), 0), whole.length - 3);
  });

  it("is refused as soon as it cannot become one", () => {
    assert.equal(check("\x16\x03"), "head.byte");
    assert.equal(check("(GET"), "line.method");
    assert.equal(check("GET / HTTP/1.1\n"), "head.ending");
    assert.equal(check("GET / HTTP/1.1\rX"), "head.ending");
    assert.equal(check("\n"), "head.ending");
    assert.equal(check("GET /\r\n"), "line.version");
    assert.equal(check("GET / HTTP/1.1\r\nX: \0"), "head.byte");
    assert.equal(check(`GET /${"a".repeat(5000)}`), "line.large");
    assert.equal(check(`GET /${"a".repeat(5000)} HTTP/1.1\r\n`), "line.large");
    assert.equal(check(`GET / HTTP/1.1\r\nX: ${"a".repeat(9000)}`), "head.large");
  });

  it("has one empty line before it passed over, and one only", () => {
    const partial = new PartialHead();
    const bytes = Buffer.from("\r\n\r\nGET");
    assert.equal(partial.check(Buffer.from("\r"), 0, defaultHeadLimits), undefined);
    assert.equal(partial.isEmptyLine(bytes, 0), true);
    assert.equal(partial.isEmptyLine(bytes, 2), false);
    partial.reset();
    assert.equal(partial.isEmptyLine(bytes, 2), true);
  });
});
