/** Tests of what is known of a field by its name. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { known } from "../../../src/http/known-fields.ts";
import {
  AUTHORITY,
  BAD_NAME,
  CONNECTION,
  COOKIE,
  isValue,
  LATE,
  lowerName,
  METHOD,
  nameKind,
  NEVER,
  PATH,
  PROTOCOL,
  PSEUDO,
  SCHEME,
  SEEN,
  STATUS,
  VOLATILE,
} from "../../../src/http2/field-kind.ts";

describe("the kind of a field", () => {
  it("tells the pseudo fields from each other, and those that are none", () => {
    const kinds = [":method", ":scheme", ":path", ":authority", ":protocol", ":status"].map(nameKind);
    assert.deepEqual(
      kinds.map((kind) => kind & ~VOLATILE),
      [METHOD, SCHEME, PATH, AUTHORITY, PROTOCOL, STATUS].map((bit) => bit | PSEUDO),
    );
    assert.equal(new Set(kinds).size, 6);
    for (const name of [":", ":Method", ":foo", "::path"]) assert.equal(nameKind(name), PSEUDO);
  });

  it("has the bits that every list of headers has", () => {
    assert.equal(nameKind("host") & SEEN, known.host);
    assert.equal(nameKind("l5d-dtab") & SEEN, known.l5d);
    assert.equal(nameKind("x-forwarded-client-cert") & SEEN, known.clientCert);
    for (const bit of Object.values(known)) assert.equal(bit & SEEN, bit);
  });

  it("has a bit for what belongs to one connection", () => {
    for (const name of ["connection", "keep-alive", "proxy-connection", "transfer-encoding", "upgrade"])
      assert.equal(nameKind(name) & CONNECTION, CONNECTION);
    for (const name of ["te", "trailer", "host", "connections"]) assert.equal(nameKind(name) & CONNECTION, 0);
  });

  it("finds secrets, what changes each time, cookies, and what no trailer may say", () => {
    assert.equal(nameKind("authorization"), NEVER | LATE);
    assert.equal(nameKind("date"), VOLATILE | LATE);
    assert.equal(nameKind("cookie"), COOKIE | LATE);
    assert.equal(nameKind("grpc-status"), 0);
  });

  it("finds names that may not stand, and upper case is one", () => {
    for (const name of ["", "A", "content-Type", "a b", "a:", "a\0", "a\u00e9", "(a)", "a\u0130"])
      assert.equal(nameKind(name), BAD_NAME, JSON.stringify(name));
    for (const name of ["!#$%&'*+-.^_`|~", "0", "a".repeat(500)]) assert.equal(nameKind(name), 0);
  });

  it("says the same however many names came", () => {
    for (let index = 0; index < 5000; index++) assert.equal(nameKind(`x-name-${index}`), 0);
    assert.equal(nameKind("host") & SEEN, known.host);
    for (let index = 0; index < 5000; index++) assert.equal(lowerName(`X-Name-${index}`), `x-name-${index}`);
    assert.equal(lowerName("Host"), "host");
  });
});

describe("a value", () => {
  it("has no control byte, and no white space around it", () => {
    for (const text of ["", "a", "a b", "a\tb", "\u0080\u00ff", '"'.repeat(9)]) assert.equal(isValue(text), true);
    for (const text of [" ", "\t", " a", "a ", "a\t", "\0", "a\rb", "a\nb", "a\u007fb", "\u001f"])
      assert.equal(isValue(text), false, JSON.stringify(text));
  });
});
