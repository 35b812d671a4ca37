import assert from "node:assert/strict";
import { test } from "node:test";
import { readSource } from "../../../src/config/read-source.ts";

function valueOf(text: string): unknown {
  return readSource("f", text).source.value;
}

function messages(text: string): readonly string[] {
  return readSource("f", text).problems.all.map(({ line, column, severity }) => `${severity} ${line}:${column}`);
}

test("strict JSON is read where a text begins with a brace", () => {
  assert.deepEqual(valueOf(' {"a": [1, true, null, "x\\u00e9"]} ignored'), { a: [1, true, null, "xé"] });
  assert.deepEqual(messages('{"a": 1,}'), ["error 1:9"]);
  assert.deepEqual(messages("{'a': 1}"), ["error 1:2"]);
  assert.deepEqual(messages('{"a": 1, "a": 2}'), ["error 1:10"]);
  assert.deepEqual(messages('{"a": "x\n"}'), ["error 1:7"]);
});
