import assert from "node:assert/strict";
import { test } from "node:test";
import { readSource } from "../../../src/config/read-source.ts";

function valueOf(text: string): unknown {
  return readSource("f", text).source.value;
}

function messages(text: string): readonly string[] {
  return readSource("f", text).problems.all.map(({ line, column, severity }) => `${severity} ${line}:${column}`);
}

test("a text field keeps the letters of what looks like a number", () => {
  const { source } = readSource("f", "tag: 1.50\n");
  assert.equal(source.under([]).textAt?.(["tag"]), "1.50");
});

test("a BOM and CRLF are no part of the values", () => {
  assert.deepEqual(valueOf("\uFEFFa: x\r\nb: y\r\n"), { a: "x", b: "y" });
});

test("a file without a value says so", () => {
  for (const text of ["", "\n\n", "# nothing\n", "~\n"]) assert.deepEqual(messages(text), ["error 1:1"], text);
});

test("deep nesting is one error, not a crash", () => {
  assert.equal(readSource("f", "[".repeat(20_000)).problems.all.length, 1);
  assert.ok(readSource("f", `${'{"a":'.repeat(20_000)}1`).problems.hasErrors);
});
