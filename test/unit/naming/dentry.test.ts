/** Dentries as text. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { showDentry } from "../../../src/naming/dentry.ts";
import { readDentry } from "../../../src/naming/parser.ts";

test("a dentry shows without white space around its arrow, and reads back", () => {
  const text = showDentry(readDentry(" /a/*  =>  0.5 * /b & ~ | ! "));
  assert.equal(text, "/a/*=>0.50*/b & ~ | !");
  assert.equal(showDentry(readDentry(text)), text);
});
