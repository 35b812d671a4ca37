import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { readServersetMember } from "../../../../namers/zookeeper/serverset-member.ts";

const read = (value: unknown) => readServersetMember(Buffer.from(JSON.stringify(value)));
const at = (port: unknown, host: unknown = "10.1.2.3") => ({ host, port });

test("a member as Twitter's libraries write it is read whole", () => {
  const member = read({
    serviceEndpoint: at(31_003),
    additionalEndpoints: { http: at(31_004), admin: at(31_005) },
    status: "ALIVE",
    shard: 7,
    metadata: { zone: "a" },
  });
  assert.deepEqual(member, {
    service: at(31_003),
    additional: new Map([
      ["http", at(31_004)],
      ["admin", at(31_005)],
    ]),
    status: "ALIVE",
    shard: 7,
    metadata: { zone: "a" },
  });
});

test("a status is one of those in capitals, and unknown otherwise", () => {
  for (const status of ["DEAD", "STARTING", "ALIVE", "STOPPING", "STOPPED", "WARNING", "UNKNOWN"]) {
    assert.equal(read({ status }).status, status);
  }
  for (const status of ["alive", "", 2, null, undefined, ["ALIVE"]]) assert.equal(read({ status }).status, "UNKNOWN");
});

test("an endpoint without a host that is text, or a port that is a whole number, is none", () => {
  for (const bad of [
    at("80"),
    at(80.5),
    at(0),
    at(65_536),
    at(null),
    at(80, 1),
    at(80, ""),
    at(80, null),
    {},
    null,
    1,
  ]) {
    const member = read({ serviceEndpoint: bad, additionalEndpoints: { http: bad, admin: at(81) } });
    assert.equal(member.service, undefined);
    assert.deepEqual([...member.additional.keys()], ["admin"]);
  }
});

test("everything but the object itself may be missing", () => {
  const member = { service: undefined, additional: new Map(), status: "UNKNOWN", shard: undefined, metadata: {} };
  assert.deepEqual(read({}), member);
  assert.deepEqual(read({ additionalEndpoints: [], metadata: null, shard: "7", more: 1 }), member);
  assert.deepEqual(read({ metadata: { a: "b", n: 1 }, shard: 1.5 }).metadata, { a: "b" });
});

test("an IPv6 host loses its brackets and its scope", () => {
  assert.equal(read({ serviceEndpoint: at(80, "[fe80::1%eth0]") }).service?.host, "fe80::1");
});

test("what is no JSON object is no member", () => {
  for (const text of ["", " ", "{", "[]", "null", "1", "x"]) {
    assert.throws(() => readServersetMember(Buffer.from(text)), Error);
  }
});

test("whatever bytes a node holds, reading them gives a member or an Error", () => {
  fc.assert(
    fc.property(
      fc.oneof(
        fc.uint8Array({ maxLength: 60 }),
        fc.json().map((text) => Buffer.from(text)),
      ),
      (bytes) => {
        try {
          assert.ok(readServersetMember(bytes).additional instanceof Map);
        } catch (error) {
          assert.ok(error instanceof Error && !(error instanceof TypeError));
        }
      },
    ),
  );
});
