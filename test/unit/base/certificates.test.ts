/** Tests of what is read of certificates and keys. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import { after, describe, it } from "node:test";
import {
  alternativeNames,
  CertificateError,
  describeCertificate,
  readCertificates,
  readPair,
  serverNames,
} from "../../../src/base/certificates.ts";
import { authority } from "../../servers/certificates.ts";

const ca = authority();
after(() => ca[Symbol.dispose]());
const web = ca.issue("web", { commonName: "web.example", names: ["DNS:Web.example", "DNS:*.web.example"] });
const other = ca.issue("other", { commonName: "other.example" });
const parsed = (path: string): X509Certificate => new X509Certificate(readFileSync(path));

describe("an identity", () => {
  it("is a certificate with its key, and what leads to a root", () => {
    const { leaf, chain, key } = readPair({ ...web, intermediateCertsPath: ca.caPath }, readFileSync);
    assert.equal(leaf.subject, "CN=web.example");
    assert.equal(readCertificates("chain", chain).length, 2);
    assert.deepEqual(key, readFileSync(web.keyPath));
  });

  it("is refused with the name of the file that is wrong, and nothing of a key", () => {
    const files: Record<string, string> = {
      empty: "",
      text: "-----BEGIN CERTIFICATE-----\nnonsense\n-----END CERTIFICATE-----\n",
      key: "-----BEGIN PRIVATE KEY-----\nc2VjcmV0\n-----END PRIVATE KEY-----\n",
      locked: "-----BEGIN ENCRYPTED PRIVATE KEY-----\nc2VjcmV0\n-----END ENCRYPTED PRIVATE KEY-----\n",
    };
    const read = (path: string): Buffer => Buffer.from(files[path] ?? readFileSync(path));
    const cases: readonly (readonly [string, string, string, RegExp])[] = [
      ["empty", web.keyPath, "empty", /^empty holds no certificate/],
      ["text", web.keyPath, "text", /^certificate 1 in text cannot be parsed$/],
      [web.certPath, "empty", "empty", /^empty holds no private key/],
      [web.certPath, "key", "key", /^the private key in key cannot be parsed/],
      [web.certPath, "locked", "locked", /^the key in locked is encrypted/],
      [web.certPath, other.keyPath, other.keyPath, /other\.key does not belong to the certificate in .*web\.crt$/],
    ];
    for (const [certPath, keyPath, file, message] of cases) {
      assert.throws(
        () => readPair({ certPath, keyPath }, read),
        (error: unknown) => {
          assert.ok(error instanceof CertificateError);
          assert.equal(error.file, file);
          assert.match(error.message, message);
          assert.doesNotMatch(error.message, /secret|c2VjcmV0/);
          return true;
        },
      );
    }
  });
});

describe("a certificate", () => {
  it("is described by its subject, its issuer and its end", () => {
    const late = ca.issue("late", { commonName: "late", from: "20200101000000Z", to: "20200201000000Z" });
    assert.equal(describeCertificate(parsed(late.certPath)), "CN=late, issuer CN=Test Root, valid to 2020-02-01");
  });

  it("is chosen by its DNS names in lower case, or its common name where it has none", () => {
    assert.deepEqual(serverNames(parsed(web.certPath)), ["web.example", "*.web.example"]);
    const bare = ca.issue("bare", { commonName: "Bare.example", names: ["IP:127.0.0.1"] });
    assert.deepEqual(serverNames(parsed(bare.certPath)), ["bare.example"]);
  });

  it("says each of its names for itself, whatever is in them", () => {
    const names = [
      "URI:spiffe://a/b;DNS=root",
      String.raw`URI:x\"y`,
      "DNS:a.example",
      "email:a@b.example",
      "IP:127.0.0.1",
    ];
    const odd = ca.issue("odd", { commonName: "odd", names });
    assert.deepEqual(alternativeNames(parsed(odd.certPath)), {
      dns: ["a.example"],
      uris: ["spiffe://a/b;DNS=root", 'x"y'],
    });
  });
});
