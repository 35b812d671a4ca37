/** Tests of the static table. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { nameKind } from "../../../src/http2/field-kind.ts";
import {
  STATIC_ENTRIES,
  STATIC_KINDS,
  STATIC_NAMES,
  STATIC_VALUES,
  staticNames,
} from "../../../src/http2/hpack-tables.ts";

describe("the static table", () => {
  it("has the entries of RFC 7541 appendix A where they belong", () => {
    assert.equal(STATIC_NAMES.length, STATIC_ENTRIES + 1);
    const some: readonly (readonly [number, string, string])[] = [
      [1, ":authority", ""],
      [2, ":method", "GET"],
      [3, ":method", "POST"],
      [4, ":path", "/"],
      [5, ":path", "/index.html"],
      [6, ":scheme", "http"],
      [7, ":scheme", "https"],
      [8, ":status", "200"],
      [14, ":status", "500"],
      [15, "accept-charset", ""],
      [16, "accept-encoding", "gzip, deflate"],
      [19, "accept", ""],
      [23, "authorization", ""],
      [28, "content-length", ""],
      [31, "content-type", ""],
      [32, "cookie", ""],
      [33, "date", ""],
      [38, "host", ""],
      [46, "location", ""],
      [51, "referer", ""],
      [54, "server", ""],
      [55, "set-cookie", ""],
      [58, "user-agent", ""],
      [61, "www-authenticate", ""],
    ];
    for (const [index, name, value] of some) {
      assert.deepEqual([STATIC_NAMES[index], STATIC_VALUES[index]], [name, value], String(index));
    }
  });

  it("knows the first entry of each name, those with values, and what each name says", () => {
    for (const [name, { index, values }] of staticNames) {
      assert.equal(STATIC_NAMES.indexOf(name), index);
      for (const [value, at] of values ?? []) assert.deepEqual([STATIC_NAMES[at], STATIC_VALUES[at]], [name, value]);
      assert.equal(STATIC_KINDS[index], nameKind(name));
    }
    assert.equal(staticNames.get(":status")?.values?.get("404"), 13);
    assert.equal(staticNames.get("accept-charset")?.values, undefined);
  });
});
