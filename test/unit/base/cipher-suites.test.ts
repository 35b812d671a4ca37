/** Tests of the versions and suites that are offered. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { createSecureContext } from "node:tls";
import { openSslName, suiteSettings } from "../../../src/base/cipher-suites.ts";

test("suites may be named as the IANA or as OpenSSL does", () => {
  const cases: readonly (readonly [string, string | undefined])[] = [
    ["TLS_ECDHE_RSA_WITH_AES_128_GCM_SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
    ["TLS_ECDHE_ECDSA_WITH_CHACHA20_POLY1305_SHA256", "ECDHE-ECDSA-CHACHA20-POLY1305"],
    ["TLS_RSA_WITH_AES_256_GCM_SHA384", "AES256-GCM-SHA384"],
    ["TLS_ECDHE_RSA_WITH_AES_256_CBC_SHA384", "ECDHE-RSA-AES256-SHA384"],
    ["TLS_AES_256_GCM_SHA384", "TLS_AES_256_GCM_SHA384"],
    ["ECDHE-RSA-AES128-GCM-SHA256", "ECDHE-RSA-AES128-GCM-SHA256"],
    ["TLS_NOTHING_WITH_NULL", undefined],
  ];
  for (const [name, meant] of cases) assert.equal(openSslName(name), meant, name);
});

test("without a word it is TLS 1.2 and 1.3, with suites that OpenSSL has and none without forward secrecy", () => {
  const { minVersion, maxVersion, ciphers } = suiteSettings({});
  assert.deepEqual([minVersion, maxVersion], ["TLSv1.2", "TLSv1.3"]);
  for (const name of ciphers.split(":")) {
    assert.match(name, /^(?:TLS_|ECDHE-).*(?:GCM|POLY1305)/);
    assert.equal(openSslName(name), name);
  }
  assert.doesNotThrow(() => createSecureContext(suiteSettings({})));
});

test("what is said narrows it", () => {
  const only = suiteSettings({ protocols: ["TLSv1.3"], ciphers: ["TLS_AES_128_GCM_SHA256"] });
  assert.deepEqual([only.minVersion, only.maxVersion, only.ciphers], ["TLSv1.3", "TLSv1.3", "TLS_AES_128_GCM_SHA256"]);
  assert.equal(suiteSettings({ protocols: ["TLSv1.2"] }).maxVersion, "TLSv1.2");
});
