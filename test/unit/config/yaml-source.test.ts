import assert from "node:assert/strict";
import { test } from "node:test";
import { readSource } from "../../../src/config/read-source.ts";

function valueOf(text: string): unknown {
  return readSource("f", text).source.value;
}

function messages(text: string): readonly string[] {
  return readSource("f", text).problems.all.map(({ line, column, severity }) => `${severity} ${line}:${column}`);
}

test("quoted and block scalars are texts, whatever they look like", () => {
  assert.deepEqual(valueOf("a: \"5\"\nb: 'yes'\nc: |\n  7\n"), { a: "5", b: "yes", c: "7\n" });
});

test("only the first document is read, and what follows is a warning", () => {
  assert.deepEqual(valueOf("---\na: 1\n...\nrubbish: [\n"), { a: 1 });
  assert.deepEqual(messages("---\na: 1\n...\nrubbish: [\n"), ["warning 4:1"]);
  assert.deepEqual(messages("a: 1\n...\n# a comment\n"), []);
});

test("keys are texts", () => {
  assert.deepEqual(valueOf("yes: 1\n1: 2\n~: 3\n"), { yes: 1, "1": 2, "~": 3 });
});

test("tags are ignored with a warning", () => {
  assert.deepEqual(valueOf("a: !foo x\n"), { a: "x" });
  assert.deepEqual(messages("a: !foo x\n"), ["warning 1:4"]);
});

test("aliases are errors, each of them", () => {
  assert.deepEqual(messages("a: &x 1\nb: *x\nc: *y\n"), ["error 2:4", "error 3:4"]);
});
