import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { isCutShort, readServiceFile } from "../../../../namers/fs/service-file.ts";

const read = (text: string) => readServiceFile(text).addresses.map((each) => [each.host, each.port, each.weight]);

test("a service file has one address a line, with a weight or without", () => {
  assert.deepEqual(read("127.0.0.1 8080\n127.0.0.1 8081 * 0.23\n"), [
    ["127.0.0.1", 8080, 1],
    ["127.0.0.1", 8081, 0.23],
  ]);
});

test("comments, blank lines, tabs and carriage returns are no part of an address", () => {
  assert.deepEqual(read("# all of them\r\n\r\n\t10.0.0.1\t80 # the first\r\n  10.0.0.2  81  *  2 \r\n"), [
    ["10.0.0.1", 80, 1],
    ["10.0.0.2", 81, 2],
  ]);
});

test("an IPv6 address stands with brackets or without", () => {
  assert.deepEqual(read("[fd00::1] 80\nfd00::2 80\n"), [
    ["fd00::1", 80, 1],
    ["fd00::2", 80, 1],
  ]);
});

test("a short IPv4 address is written out", () => {
  assert.deepEqual(read("127.1 80\n"), [["127.0.0.1", 80, 1]]);
});

for (const line of ["10.0.0.1", "10.0.0.1 0", "10.0.0.1 65536", "10.0.0.1 80 * -1", "10.0.0.1 80 * x", "a 80 80"]) {
  test(`the line ${JSON.stringify(line)} spoils its file, and is quoted`, () => {
    assert.throws(() => readServiceFile(`10.0.0.9 80\n${line}\n`), { message: `malformed address: ${line}` });
  });
}

test("any beginning of a file that ends inside a line is cut short, and none that ends with a line is", () => {
  const port = fc.integer({ min: 1, max: 65_535 });
  fc.assert(
    fc.property(fc.array(port, { minLength: 1, maxLength: 5 }), fc.nat(), (ports, at) => {
      const whole = ports.map((each) => `127.0.0.1 ${each}\n`).join("");
      const beginning = whole.slice(0, at % whole.length);
      const endsWithALine = beginning !== "" && (beginning.endsWith("\n") || whole[beginning.length] === "\n");
      assert.equal(isCutShort(beginning, whole), !endsWithALine);
    }),
  );
});

test("an edit of the middle, a comment before everything and the same text again are not cut short", () => {
  const before = "10.0.0.1 80\n10.0.0.2 80\n";
  assert.equal(isCutShort("10.0.0.3 80\n", before), false);
  assert.equal(isCutShort("#10.0.0.1 80\n#10.0.0.2 80\n", before), false);
  assert.equal(isCutShort(before, before), false);
});
