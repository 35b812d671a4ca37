import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { blackLetters, locator } from "../../../src/config/letters.ts";
import { readSource } from "../../../src/config/read-source.ts";
import { surpriseIn, typePlainScalar } from "../../../src/config/scalar-value.ts";

function valueOf(text: string): unknown {
  return readSource("f", text).source.value;
}

function messages(text: string): readonly string[] {
  return readSource("f", text).problems.all.map(({ line, column, severity }) => `${severity} ${line}:${column}`);
}

test("plain scalars are typed as Linkerd 1 typed them", () => {
  const cases: readonly (readonly [string, unknown])[] = [
    ["true", true],
    ["Yes", true],
    ["OFF", false],
    ["y", "y"],
    ["tRUE", "tRUE"],
    ["", null],
    ["~", null],
    ["Null", null],
    ["+5", 5],
    ["1_000", 1000],
    ["0777", 777],
    ["010054", 10_054],
    ["08", 8],
    ["0x1F", "0x1F"],
    ["0o17", "0o17"],
    ["1.", 1],
    [".5", 0.5],
    ["1e3", 1000],
    ["1_0.5", 10.5],
    ["127.1", 127.1],
    ["127.0.0.1", "127.0.0.1"],
    ["12:30", "12:30"],
    ["2020-01-01", "2020-01-01"],
    ["=", "="],
    [".inf", Number.NaN],
  ];
  for (const [text, value] of cases) assert.deepEqual(typePlainScalar(text), value, text);
});

test("quoted and block scalars are texts, whatever they look like", () => {
  assert.deepEqual(valueOf("a: \"5\"\nb: 'yes'\nc: |\n  7\n"), { a: "5", b: "yes", c: "7\n" });
});

test("a text field keeps the letters of what looks like a number", () => {
  const { source } = readSource("f", "tag: 1.50\n");
  assert.equal(source.under([]).textAt?.(["tag"]), "1.50");
});

test("what YAML 1.1 or 1.2 reads otherwise surprises, the rest does not", () => {
  assert.ok(surpriseIn("yes", true));
  assert.ok(surpriseIn("0777", 777));
  assert.ok(surpriseIn("1_000", 1000));
  for (const [text, value] of [
    ["true", true],
    ["0", 0],
    ["10", 10],
    ["0.5", 0.5],
    ["-1", -1],
  ] as const) {
    assert.equal(surpriseIn(text, value), undefined, text);
  }
});

test("only the first document is read, and what follows is a warning", () => {
  assert.deepEqual(valueOf("---\na: 1\n...\nrubbish: [\n"), { a: 1 });
  assert.deepEqual(messages("---\na: 1\n...\nrubbish: [\n"), ["warning 4:1"]);
  assert.deepEqual(messages("a: 1\n...\n# a comment\n"), []);
});

test("a BOM and CRLF are no part of the values", () => {
  assert.deepEqual(valueOf("\uFEFFa: x\r\nb: y\r\n"), { a: "x", b: "y" });
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

test("strict JSON is read where a text begins with a brace", () => {
  assert.deepEqual(valueOf(' {"a": [1, true, null, "x\\u00e9"]} ignored'), { a: [1, true, null, "xé"] });
  assert.deepEqual(messages('{"a": 1,}'), ["error 1:9"]);
  assert.deepEqual(messages("{'a': 1}"), ["error 1:2"]);
  assert.deepEqual(messages('{"a": 1, "a": 2}'), ["error 1:10"]);
  assert.deepEqual(messages('{"a": "x\n"}'), ["error 1:7"]);
});

test("a file without a value says so", () => {
  for (const text of ["", "\n\n", "# nothing\n", "~\n"]) assert.deepEqual(messages(text), ["error 1:1"], text);
});

test("deep nesting is one error, not a crash", () => {
  assert.equal(readSource("f", "[".repeat(20_000)).problems.all.length, 1);
  assert.ok(readSource("f", `${'{"a":'.repeat(20_000)}1`).problems.hasErrors);
});

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
