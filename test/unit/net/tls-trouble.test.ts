/** Tests of the words for what goes wrong with TLS. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { certificateTrouble, handshakeTrouble, refusalOf } from "../../../src/net/tls-trouble.ts";
import { authority } from "../../servers/certificates.ts";

const ca = authority();
after(() => ca[Symbol.dispose]());

test("OpenSSL's codes are said in words, wherever it puts them", () => {
  const withCode = Object.assign(new Error("x"), { code: "ERR_SSL_HTTP_REQUEST" });
  assert.equal(handshakeTrouble(withCode), "it sent HTTP without TLS");
  const text =
    "write EPROTO 4063:error:0A00042E:SSL routines:ssl3_read_bytes:tlsv1 alert protocol version:../x.c:918:SSL";
  assert.equal(
    handshakeTrouble(Object.assign(new Error(text), { code: "EPROTO" })),
    "it speaks no version of TLS that is allowed here",
  );
});

test("a code that is not known is said with its reason", () => {
  const strange = Object.assign(new Error("long text\nsecond line"), {
    code: "ERR_SSL_STRANGE",
    reason: "strange thing",
  });
  assert.equal(handshakeTrouble(strange), "the handshake failed: strange thing (ERR_SSL_STRANGE)");
  assert.equal(handshakeTrouble(new Error("plain\nsecond")), "the handshake failed: plain");
});

test("a certificate is named with what it is wrong by", () => {
  const names = ["a", "b", "c", "d", "e", "f", "g"].map((name) => `DNS:${name}.example`);
  const { certPath } = ca.issue("many", { commonName: "many", names });
  const certificate = new X509Certificate(readFileSync(certPath));
  const trouble = (code: string): string => certificateTrouble(code, certificate, "users.example", "roots.pem");
  const shown = /^its certificate \(CN=many, issuer CN=Test Root, valid to \d{4}-\d\d-\d\d\) /;
  const cases: readonly (readonly [string, RegExp])[] = [
    ["ERR_TLS_CERT_ALTNAME_INVALID", /is for a\.example, .*, e\.example and 2 more, not for users\.example$/],
    ["CERT_HAS_EXPIRED", /has expired$/],
    ["CERT_NOT_YET_VALID", /is not valid yet$/],
    ["DEPTH_ZERO_SELF_SIGNED_CERT", /is self-signed, and not in roots\.pem$/],
    [
      "UNABLE_TO_VERIFY_LEAF_SIGNATURE",
      /is signed by nobody in roots\.pem, or an intermediate certificate is missing$/,
    ],
    ["CERT_REVOKED", /was refused: CERT_REVOKED$/],
  ];
  for (const [code, words] of cases) {
    assert.match(trouble(code), shown);
    assert.match(trouble(code), words);
  }
  assert.equal(refusalOf("CERT_HAS_EXPIRED"), "its certificate has expired");
  assert.match(refusalOf("CERT_HAS_EXPIRED", certificate), /^its certificate \(CN=many, .*\) has expired$/);
});
