/** Who gets the listening sockets that a process was started with. */
import assert from "node:assert/strict";
import { test } from "node:test";
import fc from "fast-check";
import { Inheritance, placeName, readEstate } from "../../../src/takeover/inheritance.ts";

test("no socket is left over or given twice, however many workers there are", () => {
  fc.assert(
    fc.property(fc.uniqueArray(fc.integer({ min: 3, max: 99 })), fc.integer({ min: 1, max: 9 }), (fds, workers) => {
      const inheritance = new Inheritance({ servers: [["0.0.0.0:4140", fds]] });
      const hands = inheritance.deal("0.0.0.0:4140", workers);
      assert.equal(hands.length, workers);
      assert.deepEqual(hands.flat().sort(), [...fds].sort());
      const sizes = hands.map((hand) => hand.length);
      assert.ok(Math.max(...sizes) - Math.min(...sizes) <= 1);
      assert.deepEqual(inheritance.deal("0.0.0.0:4140", workers).flat(), []);
    }),
  );
});

test("sockets of one place that are told one by one come together", () => {
  const inheritance = new Inheritance({
    servers: [
      ["127.0.0.1:80", [3]],
      ["127.0.0.1:80", [4]],
    ],
  });
  assert.deepEqual(inheritance.deal("127.0.0.1:80", 1), [[3, 4]]);
});

test("what nobody takes is named", () => {
  const inheritance = new Inheritance({
    servers: [
      ["127.0.0.1:80", [3]],
      ["127.0.0.1:81", [4]],
    ],
    admin: 5,
  });
  inheritance.deal("127.0.0.1:80", 2);
  assert.deepEqual(inheritance.leftOver(), [["127.0.0.1:81", [4]]]);
  assert.ok(inheritance.knows("127.0.0.1:80"));
  assert.equal(inheritance.takeAdmin(), 5);
  assert.equal(inheritance.takeAdmin(), undefined);
});

test("an estate is read as it was written, and nothing else is", () => {
  const estate = { servers: [["[::]:4140", [3, 4]]] as const, admin: 6 };
  assert.deepEqual(readEstate(JSON.stringify(estate)), estate);
  for (const text of ["{", "{}", '{"servers":[["x"]]}', '{"servers":[["x",[1]]]}', '{"servers":[],"admin":"7"}']) {
    assert.throws(() => readEstate(text), Error, text);
  }
});

test("servers at any port are told apart by their number", () => {
  assert.equal(placeName("127.0.0.1", 4140, 0), placeName("127.0.0.1", 4140, 1));
  assert.notEqual(placeName("127.0.0.1", 0, 0), placeName("127.0.0.1", 0, 1));
});
