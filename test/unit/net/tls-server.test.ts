/** Tests of what a server's files make. */
import assert from "node:assert/strict";
import { readFileSync } from "node:fs";
import { after, test } from "node:test";
import { CertificateError } from "../../../src/base/certificates.ts";
import { readServerIdentity, readTrust } from "../../../src/net/tls-server.ts";
import { authority } from "../../servers/certificates.ts";

const ca = authority();
after(() => ca[Symbol.dispose]());
const first = ca.issue("first", { commonName: "first.example" });
const second = ca.issue("second", { commonName: "second", names: ["DNS:second.example", "DNS:*.second.example"] });

test("a name has the context of the first certificate that is for it, exactly before by a wildcard", () => {
  const exact = ca.issue("exact", { commonName: "exact", names: ["DNS:a.second.example", "DNS:first.example"] });
  const { contextFor, leaves } = readServerIdentity(
    { pairs: [first, second, exact], clientAuth: "none" },
    readFileSync,
  );
  assert.equal(leaves.length, 3);
  assert.ok(contextFor("FIRST.example"));
  assert.equal(contextFor("b.second.example"), contextFor("second.example"));
  assert.notEqual(contextFor("a.second.example"), contextFor("second.example"));
  assert.notEqual(contextFor("first.example"), contextFor("a.second.example"));
  for (const name of ["a.b.second.example", "other", "", ".", "*.first.example"])
    assert.equal(contextFor(name), undefined, name);
});

test("the roots of callers are read only where callers are asked", () => {
  const options = { pairs: [first], caCertPath: "/nowhere/ca.pem" };
  const read = (path: string): Buffer => {
    if (path.startsWith("/nowhere")) throw CertificateError.unreadable(path, { code: "ENOENT" });
    return readFileSync(path);
  };
  assert.equal(readServerIdentity({ ...options, clientAuth: "none" }, read).standard.ca, undefined);
  assert.throws(() => readServerIdentity({ ...options, clientAuth: "optional" }, read), CertificateError);
  assert.deepEqual(readTrust(ca.caPath, readFileSync), readFileSync(ca.caPath));
  assert.throws(() => readTrust(first.keyPath, readFileSync), /holds no certificate/);
});
