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
  assert.deepEqual(messages("a: &x 1\nb: *x\nc: *y\n"), ["warning 1:4", "error 2:4", "error 3:4"]);
});

function codes(text: string): readonly string[] {
  return readSource("f", text).problems.all.map(({ line, column, code }) => `${line}:${column} ${code}`);
}

test("what other readers would follow, merge or obey is an error or a warning at its letters", () => {
  assert.deepEqual(codes("a: &x {b: 1}\nc:\n  <<: *x\n"), ["1:4 yaml.ignored", "3:3 yaml.alias"]);
  assert.deepEqual(codes('"<<": 1\n'), []);
  assert.deepEqual(codes("%YAML 1.1\n---\na: 1\n"), ["1:1 yaml.ignored"]);
  assert.deepEqual(codes("\uFEFFa: 1\n"), ["1:1 yaml.ignored"]);
  assert.deepEqual(codes("a: !!str 5\nb: !<tag:x> 6\n"), ["1:4 yaml.ignored", "2:4 yaml.ignored"]);
});

test("a plain text that other readers take for a number, a date or a boolean is a warning, a quoted one is not", () => {
  for (const text of ["12:30", "0x1F", "0o17", "0b11", "2020-01-01", "y"]) {
    assert.deepEqual(codes(`a: ${text}\n`), ["1:4 yaml.surprise"], text);
    assert.deepEqual(codes(`a: "${text}"\n`), [], text);
  }
  for (const text of ["127.0.0.1:80", "zk1:2181", "1-2", "yellow", "0xyz"])
    assert.deepEqual(codes(`a: ${text}\n`), [], text);
});

test("a key that is written twice says where it stood first, in JSON too", () => {
  const [problem] = readSource("f", "a:\n  b: 1\n  c: 2\n  b: 3\n").problems.all;
  assert.deepEqual([problem?.line, problem?.column, problem?.length], [4, 3, 1]);
  assert.equal(problem?.message, "`b` is written twice in this mapping; the first is in line 2");
  assert.equal(readSource("f", '{"b": 1,\n"b": 2}').problems.all[0]?.message, problem?.message.replace("2", "1"));
});

test("a space that is none is pointed at in a key", () => {
  assert.deepEqual(codes("a:\n  b: 1\n \u00a0c: 2\n"), ["3:2 yaml.syntax"]);
});

test("the place of a letter is found in a block of thousands of lines at once", () => {
  const text = `a: |\n${"  /svc => /host ;\n".repeat(5000)}`;
  const { source } = readSource("f", text);
  const startedAt = performance.now();
  for (let line = 0; line < 5000; line++) {
    assert.equal(source.place(["a"], { offset: line * 16 }).line, line + 2);
  }
  assert.ok(performance.now() - startedAt < 1000);
});
