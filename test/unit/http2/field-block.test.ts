/** Tests of how a list of fields is written, whatever kind of list it is. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Headers } from "../../../src/http/headers.ts";
import {
  DROPPED_LENGTH,
  fieldsBound,
  FOREIGN_LENGTH,
  writeFields,
  writeTrailers,
} from "../../../src/http2/field-block.ts";
import { NEVER, nameKind } from "../../../src/http2/field-kind.ts";
import { FieldList } from "../../../src/http2/field-list.ts";
import { HpackEncoder } from "../../../src/http2/hpack-encoder.ts";
import { literal, StrictDecoder } from "../../fakes/h2-hpack.ts";
import { headBlock } from "../../fakes/parsed-head.ts";

function lines(headers: Headers, length: number, skipped = ""): string[] {
  const out = Buffer.alloc(fieldsBound(headers));
  const end = writeFields(headers, length, skipped, new HpackEncoder(), out, 0);
  return new StrictDecoder().decode(out.subarray(0, end)).map(([name, value]) => `${name}: ${value}`);
}

describe("fields in a block", () => {
  it("have the length that is true, none, or another answer's", () => {
    const head = headBlock("Content-Length: 3");
    assert.deepEqual(lines(head, 4), ["content-length: 4"]);
    assert.deepEqual(lines(head, DROPPED_LENGTH), []);
    assert.deepEqual(lines(head, FOREIGN_LENGTH), ["content-length: 3"]);
  });

  it("lack the one that is skipped", () => {
    assert.deepEqual(lines(headBlock("A: 1", "B: 2"), 0, "a"), ["b: 2"]);
  });

  it("stay secrets where they came as ones", () => {
    const list = new FieldList();
    list.add("x-a", "1", nameKind("x-a") | NEVER);
    const out = Buffer.alloc(fieldsBound(list));
    assert.deepEqual(
      out.subarray(0, writeFields(list, 0, "", new HpackEncoder(), out, 0)),
      literal("x-a", "1", "never"),
    );
    assert.deepEqual(out.subarray(0, writeTrailers(list, new HpackEncoder(), out, 0)), literal("x-a", "1", "never"));
  });

  it("take no more bytes than the bound, though each is as long as can be", () => {
    const name = "n".repeat(3000);
    const value = "v".repeat(70_000);
    const list = new FieldList();
    list.add(name, value, nameKind(name));
    const out = Buffer.alloc(200_000);
    const end = writeFields(list, 0, "", new HpackEncoder(), out, 0);
    assert.ok(end <= fieldsBound(list));
    assert.ok(end <= fieldsBound(headBlock(`${name}: ${value}`)));
  });
});
