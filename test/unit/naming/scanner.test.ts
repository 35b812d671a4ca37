/** The scanner: the smallest pieces of the grammar. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { isShowable, Scanner } from "../../../src/naming/scanner.ts";

test("exactly the characters of the grammar stand for themselves", () => {
  const all = Array.from({ length: 256 }, (_, code) => String.fromCharCode(code));
  const showable = all.filter((char) => isShowable(char.charCodeAt(0))).join("");
  assert.equal(showable, "#$%-.0123456789:ABCDEFGHIJKLMNOPQRSTUVWXYZ_abcdefghijklmnopqrstuvwxyz");
});

test("numbers have digits, at most one dot, and no sign", () => {
  const read = (text: string): number => new Scanner(text).number();
  assert.deepEqual(["5", ".5", "5.", "0.25", "007"].map(read), [5, 0.5, 5, 0.25, 7]);
  for (const text of [".", "1.2.3", "-1", ""]) assert.throws(() => read(text), { name: "ParseError" }, text);
});

test("white space and comments are skipped together", () => {
  const scanner = new Scanner(" \t# one\r\n # two\n/a");
  scanner.space();
  assert.deepEqual(scanner.elements(false), ["a"]);
  assert(scanner.atEnd);
});
