import assert from "node:assert/strict";
import { it } from "node:test";
import { fieldLine, PlainField } from "../../../src/http/field-line.ts";
import { known } from "../../../src/http/known-fields.ts";

it("a field line has its text ready, without white space around the value", () => {
  assert.deepEqual(fieldLine("Via", " 1.1 linkspan\t"), {
    name: "Via",
    lowerName: "via",
    value: "1.1 linkspan",
    text: "Via: 1.1 linkspan\r\n",
    seen: known.via,
  });
});

it("a field line cannot be made of what may not be sent", () => {
  for (const [name, value] of [
    ["x a", "1"],
    ["", "1"],
    ["x", "a\r\nb: c"],
    ["x", "\u0100"],
  ] as const) {
    assert.throws(() => fieldLine(name, value), TypeError);
  }
});

it("lines of a plain field are the same as checked ones", () => {
  assert.deepEqual(new PlainField("l5d-reqid").line("00ff"), fieldLine("l5d-reqid", "00ff"));
});
