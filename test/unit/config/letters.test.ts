import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { blackLetters, locator } from "../../../src/config/letters.ts";
import { readSource } from "../../../src/config/read-source.ts";

test("a letter of a block, folded or quoted scalar has its place in the file", () => {
  const text = [
    "lit: |",
    "    /svc => /a ;",
    "    /bad,x => /b",
    "fold: >-",
    "  one two",
    "  three,four",
    'double: "a\\tb',
    '   c\\u0041,d"',
    "single: 'it''s,'",
    "plain: some text,",
    "  goes on",
    "",
  ].join("\n");
  const { source } = readSource("f", text);
  const where = (key: string): string => {
    const letters = source.under([]).textAt?.([key]) ?? "";
    const { line, column } = source.place([key], { offset: letters.indexOf(",") });
    return `${line}:${column} ${source.line(line)[column - 1]}`;
  };
  assert.deepEqual(["lit", "fold", "double", "single", "plain"].map(where), [
    "3:9 ,",
    "6:8 ,",
    "8:11 ,",
    "9:15 ,",
    "10:17 ,",
  ]);
});

test("every letter of a literal block is found where it stands", () => {
  const line = fc.stringMatching(/^[a-z/=>;|#,][a-z/=>;|#, ]{0,12}$/);
  fc.assert(
    fc.property(fc.array(line, { minLength: 1, maxLength: 6 }), fc.integer({ min: 1, max: 8 }), (lines, indent) => {
      const text = `a:\n  b: |\n${lines.map((each) => `  ${" ".repeat(indent)}${each}\n`).join("")}c: 1\n`;
      const { source, problems } = readSource("f", text);
      assert.equal(problems.hasErrors, false);
      const letters = source.under([]).textAt?.(["a", "b"]) ?? "";
      for (let offset = 0; offset < letters.length; offset++) {
        if (/\s/.test(letters[offset] ?? "")) continue;
        const place = source.place(["a", "b"], { offset });
        assert.equal(source.line(place.line)[place.column - 1], letters[offset]);
      }
    }),
  );
});

test("escapes of a quoted scalar count as the letters they stand for", () => {
  const raw = String.raw`a\n\x41\u0042\U0001F600\"\
   b`;
  const places = blackLetters(raw, 10, '"');
  assert.equal(places.length, 7);
  assert.equal(locator('aAB😀"b', places, 10, 10 + raw.length)(6), 10 + raw.length - 1);
});
