/** IP literals as the JVM reads them. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { parseIp } from "../../../src/naming/ip-literal.ts";

test("short forms fill the bytes that are left, and names are no addresses", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["127.0.0.1", "127.0.0.1"],
    ["127.1", "127.0.0.1"],
    ["10.1.515", "10.1.2.3"],
    ["1234", "0.0.4.210"],
    ["4294967295", "255.255.255.255"],
    ["::1", "::1"],
    ["4294967296", undefined],
    ["256.1", undefined],
    ["1.2.3.256", undefined],
    ["1.2.3.4.5", undefined],
    ["1..2", undefined],
    ["web", undefined],
    ["10.example", undefined],
  ];
  for (const [host, expected] of cases) assert.equal(parseIp(host), expected, host);
});
