import assert from "node:assert/strict";
import { test } from "node:test";
import { comparedPaths } from "../../../src/bridge/compared-names.ts";
import { type ComparedName, differencesOf } from "../../../src/bridge/drift.ts";
import type { Instance } from "../../../src/plugin.ts";

const instance = (n: number, more: Partial<Instance> = {}): Instance => ({
  id: `u${n}`,
  host: `10.0.0.${n}`,
  port: 80,
  weight: 1,
  ready: true,
  ...more,
});

const name = (
  wanted: readonly Instance[],
  there: readonly Instance[],
  more: Partial<ComparedName> = {},
): ComparedName => ({
  source: "/users",
  target: "/users",
  wanted: new Map(wanted.map((each) => [each.id, each])),
  standing: there.map((each, at) => ({ key: `k${at}`, instance: each })),
  leftOut: [],
  ...more,
});

const shown = (compared: ComparedName): readonly string[] =>
  differencesOf(compared).all.map(
    (each) => `${each.class} ${each.id}${each.about === undefined ? "" : `: ${each.about}`}`,
  );

test("what stands on both sides is the same, once, though two members have it while one takes over", () => {
  const { same, all } = differencesOf(name([instance(1)], [instance(1), instance(1)]));
  assert.deepEqual([same, all], [1, []]);
});

test("what has no entry is missing, and what nothing explains is a ghost", () => {
  assert.deepEqual(shown(name([instance(1), instance(2)], [instance(2), instance(3)])), ["missing u1", "ghost u3"]);
});

test("an entry that the source withdraws is a ghost that says so until it is gone", () => {
  const leftOut = [{ id: "u1", why: "unready" }] as const;
  assert.deepEqual(shown(name([], [instance(1)], { leftOut })), ["ghost u1: unready"]);
});

test("another address, readiness or metadata is different; metadata that only one side has is not", () => {
  assert.deepEqual(shown(name([instance(1)], [instance(1, { port: 81 })])), ["different u1: address 10.0.0.1:81"]);
  assert.deepEqual(shown(name([instance(1)], [instance(1, { ready: false })])), ["different u1: not ready"]);
  const [v1, v2] = [instance(1, { meta: { v: "1", a: "x" } }), instance(1, { meta: { v: "2", b: "y" } })];
  assert.deepEqual(shown(name([v1], [v2])), ["different u1: v=2"]);
  assert.deepEqual(shown(name([instance(1, { meta: { a: "x" } })], [instance(1, { meta: { b: "y" } })])), []);
});

test("what is registered at the target by itself is registered twice, and neither missing nor a ghost", () => {
  const leftOut = [{ id: "u1", why: "dual", cause: "native-1" }] as const;
  assert.deepEqual(shown(name([], [], { leftOut })), ["dual u1: native-1"]);
});

test("of two paths one instance is what has one id or one address, and is counted once", () => {
  const origin = { registry: "k8s", cluster: "east" };
  const source = [instance(1), instance(2), instance(3), instance(4, { ready: false })];
  const target = [instance(1, { origin }), instance(2, { id: "other-name" }), instance(9, { origin })];
  const compared = comparedPaths(
    { name: "/#/k8s/users", instances: source },
    { name: "/#/zk/users", instances: target },
  );
  assert.equal(differencesOf(compared).same, 1);
  assert.deepEqual(shown(compared), ["missing u3", "dual u2: /#/zk/users has it as other-name", "ghost u9"]);
});
