import assert from "node:assert/strict";
import { test } from "node:test";
import { Readiness } from "../../../src/admin/readiness.ts";
import type { WatchView } from "../../../src/naming/namer.ts";

const NOW = 1_000_000;

function reasons(watches: readonly WatchView[], maxStaleMs: number | undefined): readonly string[] {
  const namers = () => [{ prefix: "/#/zk", kind: "io.l5d.curator", watches }];
  return new Readiness({ namers, maxStaleMs, now: () => NOW }).reasons();
}

const stale = (ageMs: number, name = "/a"): WatchView => ({
  name,
  state: "stale",
  since: NOW - ageMs,
  cause: "refused",
});

test("a source may go unconfirmed for ever unless it is said for how long", () => {
  assert.deepEqual(reasons([stale(1e9)], undefined), []);
});

test("a source that has not been confirmed for longer is a reason, with its cause", () => {
  assert.deepEqual(reasons([stale(60_000)], 60_000), []);
  assert.deepEqual(reasons([stale(61_000)], 60_000), ["/#/zk has not been confirmed for 61 s: refused"]);
});

test("a name that is confirmed confirms its source, whatever is the matter with another", () => {
  for (const state of ["ok", "held"] as const) {
    assert.deepEqual(reasons([stale(1e6), { name: "/b", state, since: 1 }], 1_000), []);
  }
});

test("a source was confirmed when the last of its names was", () => {
  assert.deepEqual(reasons([stale(90_000), stale(30_000, "/b")], 60_000), []);
});

test("names that were never known do not make a source younger, and count where there are no others", () => {
  const failed = (ageMs: number): WatchView => ({ name: "/f", state: "failed", since: NOW - ageMs, cause: "refused" });
  assert.equal(reasons([stale(90_000), failed(1)], 60_000).length, 1);
  assert.equal(reasons([failed(90_000), failed(1)], 60_000).length, 1);
  assert.equal(reasons([failed(1), { name: "/p", state: "pending" }], 60_000).length, 0);
  assert.equal(reasons([], 60_000).length, 0);
});

test("a daemon that is about to end is not ready", () => {
  const readiness = new Readiness({ namers: () => [], maxStaleMs: undefined, now: () => NOW });
  assert.deepEqual(readiness.reasons(), []);
  readiness.drain();
  assert.deepEqual(readiness.reasons(), ["it is shutting down"]);
});
