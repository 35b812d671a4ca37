/** Tests of the content-length of an HTTP/2 message. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nameKind } from "../../../src/http2/field-kind.ts";
import { addLength, NO_LENGTH } from "../../../src/http2/field-length.ts";
import { FieldList } from "../../../src/http2/field-list.ts";
import { live } from "../../fakes/header-blocks.ts";

describe("a content-length", () => {
  const kind = nameKind("content-length");

  it("is kept once, and must not differ", () => {
    const list = new FieldList();
    assert.equal(addLength(list, NO_LENGTH, "content-length", "12", kind), 12);
    assert.equal(addLength(list, 12, "content-length", "12", kind), 12);
    assert.equal(addLength(list, 12, "content-length", "13", kind), "length.differs");
    assert.deepEqual(live(list), ["content-length: 12"]);
  });

  it("is one decimal number", () => {
    for (const text of ["", "a", "1,1", "-1", "1 ", "9".repeat(16)])
      assert.equal(addLength(new FieldList(), NO_LENGTH, "content-length", text, kind), "length.grammar", text);
  });
});
