import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionIdentity } from "../../../../namers/zookeeper/session-identity.ts";

const granted = { timeoutMs: 1_000, sessionId: -2n, password: Buffer.from("secret"), readOnly: false };

test("a session shows the next server who it is and what it has seen", () => {
  const identity = new SessionIdentity(1);
  assert.equal(identity.exists, false);
  identity.granted(granted);
  identity.saw(7n);
  const request = identity.request(500, true);
  assert.deepEqual(request, {
    lastZxid: 7n,
    timeoutMs: 500,
    sessionId: -2n,
    password: granted.password,
    readOnly: true,
  });
  assert.equal(identity.name, "0xfffffffffffffffe");
});

test("after three refusals of each server the zxid is shown no more, and the session still is", () => {
  const identity = new SessionIdentity(2);
  identity.granted(granted);
  identity.saw(7n);
  assert.deepEqual(
    Array.from({ length: 6 }, () => identity.refused()),
    [false, false, false, false, false, true],
  );
  const { lastZxid, sessionId } = identity.request(500, false);
  assert.deepEqual({ lastZxid, sessionId }, { lastZxid: 0n, sessionId: -2n });
  assert.equal(identity.refused(), false);
});

test("refusals between two grants do not add up", () => {
  const identity = new SessionIdentity(1);
  identity.saw(7n);
  for (let round = 0; round < 5; round++) {
    identity.granted(granted);
    assert.equal(identity.refused() || identity.refused(), false);
  }
});

test("watches are armed from where all of them last were", () => {
  const identity = new SessionIdentity(1);
  identity.saw(5n);
  assert.equal(identity.armFrom(), 5n);
  identity.saw(9n);
  assert.equal(identity.armFrom(), 5n);
  identity.armed();
  assert.equal(identity.armFrom(), 9n);
});

test("only the first connection after an expiry is a renewal", () => {
  const identity = new SessionIdentity(1);
  identity.granted(granted);
  assert.equal(identity.opened().renewed, false);
  identity.expired();
  assert.equal(identity.exists, false);
  identity.granted({ ...granted, sessionId: 3n });
  assert.equal(identity.opened().renewed, true);
  assert.equal(identity.opened().renewed, false);
});

test("a session that a server without a quorum made is borrowed, one that it only knows is not", () => {
  const readOnly = { ...granted, readOnly: true };
  const fresh = new SessionIdentity(1);
  fresh.granted(readOnly);
  assert.equal(fresh.borrowed, true);
  fresh.granted(readOnly);
  assert.equal(fresh.borrowed, true);
  fresh.expired();
  assert.equal(fresh.borrowed, false);
  const known = new SessionIdentity(1);
  known.granted(granted);
  known.granted(readOnly);
  assert.deepEqual([known.borrowed, known.readOnly], [false, true]);
});
