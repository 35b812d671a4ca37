/** Tests of the sessions that are kept. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { SessionCache } from "../../../src/net/tls-sessions.ts";

const session = Buffer.from("session");

test("a session is kept until another takes its place, it is deleted, or all are", () => {
  const cache = new SessionCache();
  cache.set("a", Buffer.from("old"));
  cache.set("a", session);
  cache.set("b", session);
  assert.deepEqual([cache.get("a"), cache.size], [session, 2]);
  cache.delete("a");
  assert.equal(cache.get("a"), undefined);
  cache.clear();
  assert.equal(cache.size, 0);
});

test("a thousand are kept, the ones that were given last", () => {
  const cache = new SessionCache();
  for (let at = 0; at < 1000; at++) cache.set(String(at), session);
  cache.set("0", session);
  cache.set("new", session);
  assert.equal(cache.size, 1000);
  assert.deepEqual([cache.get("0"), cache.get("1"), cache.get("new")], [session, undefined, session]);
});
