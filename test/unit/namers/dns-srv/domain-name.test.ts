import assert from "node:assert/strict";
import { test } from "node:test";
import { isDomainName } from "../../../../namers/dns-srv/domain-name.ts";

test("a domain name has labels of letters, digits, hyphens and underscores", () => {
  for (const name of ["users", "_http._tcp.users.example.com", "a-1.test."])
    assert.equal(isDomainName(name), true, name);
  const long = `${"a".repeat(60)}.`.repeat(5);
  for (const name of ["", ".", "..", "a..b", "a/b", "a\0b", "a b", "ü", "a".repeat(64), long]) {
    assert.equal(isDomainName(name), false, name);
  }
});
