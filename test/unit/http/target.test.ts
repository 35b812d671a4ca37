/** Tests of request targets and hosts. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { isAuthority, isSafeMethod, readTarget, TARGET } from "../../../src/http/target.ts";

describe("a target", () => {
  it("goes on in origin form", () => {
    const cases = [
      ["GET", "/", "/", undefined],
      ["GET", "/a/../b//c?d=/?", "/a/../b//c?d=/?", undefined],
      ["GET", "http://a", "/", "a"],
      ["GET", "HTTPS://a:1/b?c", "/b?c", "a:1"],
      ["GET", "http://a?b", "/?b", "a"],
      ["OPTIONS", "*", "*", undefined],
      ["OPTIONS", "http://a", "*", "a"],
      ["OPTIONS", "http://a/", "/", "a"],
      ["GET", '/[1]?{2}|\\^`<">', "/%5B1%5D?%7B2%7D%7C%5C%5E%60%3C%22%3E", undefined],
      ["GET", "/%5b?100%", "/%5b?100%25", undefined],
    ] as const;
    for (const [method, text, origin, authority] of cases) {
      assert.deepEqual(readTarget(method, text), { origin, authority }, text);
    }
  });

  it("is refused in any other form", () => {
    for (const text of [
      "",
      "a",
      "*",
      "?a",
      "a:80",
      "ftp://a/",
      "http:/a",
      "http://",
      "http:///a",
      "http://u@a/",
      "/%",
      "/%1",
      "/%zz",
      "//%g0",
    ]) {
      assert.equal(readTarget("GET", text), undefined, text);
    }
  });

  it("may hold no byte that RFC 3986 or its own writing forbids", () => {
    for (const byte of [0, 9, 10, 13, 32, 35, 127, 128, 255]) assert.equal(TARGET[byte], 0, `byte ${byte}`);
  });
});

describe("a host", () => {
  it("may be a name or an address, with a port or without", () => {
    for (const text of [
      "",
      "a",
      "A.b-c_d~e",
      "a:",
      "a:80",
      "1.2.3.4:65535",
      "[::1]",
      "[::1]:80",
      "[v1.a:b]",
      "a%41",
      "*",
      "a!$&'()*+,;=b".replace(",", ""),
    ]) {
      assert.equal(isAuthority(text), true, text);
    }
  });

  it("may be nothing else", () => {
    for (const text of [
      "a b",
      "a/b",
      "u@a",
      "a:b",
      "a:123456",
      "a:80:80",
      ":80x",
      "[::1",
      "::1",
      "a%4",
      "a#b",
      "a?b",
      "a\\b",
      "caf\xe9",
      "a\tb",
    ]) {
      assert.equal(isAuthority(text), false, text);
    }
  });
});

it("GET, HEAD, OPTIONS and TRACE are safe, POST and what nobody knows are not", () => {
  assert.deepEqual(["GET", "HEAD", "OPTIONS", "TRACE", "POST", "PUT", "get", "BREW"].filter(isSafeMethod), [
    "GET",
    "HEAD",
    "OPTIONS",
    "TRACE",
  ]);
});
