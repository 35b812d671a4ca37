/** Tests of what endpoints are told of a caller's certificate. */
import assert from "node:assert/strict";
import { X509Certificate } from "node:crypto";
import { readFileSync } from "node:fs";
import net from "node:net";
import { after, describe, it } from "node:test";
import { TLSSocket } from "node:tls";
import fc from "fast-check";
import { proofFor, proofOf, schemeOf, setProof } from "../../../src/net/tls-peer.ts";
import { isFieldValue } from "../../../src/http/grammar.ts";
import { authority } from "../../servers/certificates.ts";

const ca = authority();
after(() => ca[Symbol.dispose]());
let issued = 0;

function certificate(commonName: string, names: readonly string[], subject = ""): X509Certificate {
  const { certPath } = ca.issue(`peer${issued++}`, { commonName, names, subject });
  return new X509Certificate(readFileSync(certPath));
}

/** The elements of a value as whoever reads it takes them apart, quoted texts whole. */
function elementsOf(value: string): readonly string[] {
  return value.match(/(?:"(?:[^"\\]|\\.)*"|[^;"])+/g) ?? [];
}

describe("the value of x-forwarded-client-cert", () => {
  it("has the hash, the names and the subject, each only if it is there", () => {
    const whole = proofOf(certificate("alice", ["URI:spiffe://a/b", "DNS:a.example", "DNS:b.example"], "/O=Users"));
    assert.match(
      whole.forwarded,
      /^Hash=[0-9A-F]{64};SAN=spiffe:\/\/a\/b;DNS=a\.example;DNS=b\.example;Subject="CN=alice,O=Users"$/,
    );
    assert.equal(whole.id, "spiffe://a/b");
    const bare = proofOf(certificate("bob", ["IP:127.0.0.1"]));
    assert.match(bare.forwarded, /^Hash=[0-9A-F]{64};Subject="CN=bob"$/);
    assert.equal(bare.id, "");
  });

  it("cannot be given elements by what stands in a certificate", () => {
    const nasty = proofOf(
      certificate('x";Subject="CN=root', ["URI:a;Subject=root", String.raw`URI:b\";DNS=root`, "DNS:ok.example"]),
    );
    const keys = elementsOf(nasty.forwarded).map((element) => element.split("=")[0]);
    assert.deepEqual(keys, ["Hash", "SAN", "SAN", "DNS", "Subject"]);
    assert.match(nasty.forwarded, /;SAN="a;Subject=root";SAN="b\\";DNS=root";DNS=ok\.example;/);
  });

  it("may always stand in a header field, whatever a certificate holds", () => {
    const { raw } = certificate("anybody", ["DNS:a.example"]);
    const text = fc.string({ unit: "binary", maxLength: 30 });
    fc.assert(
      fc.property(text, text, (subject, name) => {
        const odd = new X509Certificate(raw);
        Object.defineProperties(odd, {
          subject: { value: `CN=${subject.replaceAll(/["\\]/g, String.raw`\$&`)}` },
          subjectAltName: { value: `URI:${JSON.stringify(name)}` },
        });
        const { forwarded, id } = proofOf(odd);
        assert.ok(isFieldValue(forwarded), JSON.stringify(forwarded));
        assert.ok(isFieldValue(id), JSON.stringify(id));
        const keys = elementsOf(forwarded).map((element) => element.split("=")[0]);
        assert.deepEqual(keys, ["Hash", "SAN", "Subject"], JSON.stringify(forwarded));
      }),
    );
  });
});

describe("a caller's socket", () => {
  it("proves nothing until somebody has verified its certificate", () => {
    const socket = new net.Socket();
    assert.equal(proofFor(socket), undefined);
    setProof(socket, certificate("alice", ["DNS:a.example"]));
    assert.equal(proofFor(socket)?.id, "a.example");
    assert.equal(proofFor(new net.Socket()), undefined);
  });

  it("is one of https if it is one of TLS", () => {
    assert.equal(schemeOf(new net.Socket()), "http");
    assert.equal(schemeOf(new TLSSocket(new net.Socket())), "https");
  });
});
