import assert from "node:assert/strict";
import { test } from "node:test";
import type { Cluster } from "../../../src/cluster/cluster.ts";
import { Rests } from "../../../src/cluster/rests.ts";
import { FakeClock } from "../../../src/testing/index.ts";

function rests(count: number) {
  const clock = new FakeClock();
  let asked = 0;
  const cluster = { rest: () => void asked++ } as Cluster;
  const clusters = Array.from({ length: count }, () => cluster);
  const each = new Rests(clock, () => clusters.values());
  return { clock, clusters, each, asked: () => asked };
}

test("every cluster is asked every five seconds", () => {
  const { clock, each, asked } = rests(3);
  each.begin();
  each.begin();
  clock.advance(4_999);
  assert.equal(asked(), 0);
  clock.advance(1);
  assert.equal(asked(), 3);
  clock.advance(5_000);
  assert.equal(asked(), 6);
});

test("of very many clusters only some are asked in one turn", () => {
  const { clock, each, asked } = rests(1_200);
  each.begin();
  clock.advance(5_000);
  assert.equal(asked(), 500);
  clock.advance(50);
  assert.equal(asked(), 1_000);
  clock.advance(50);
  assert.equal(asked(), 1_200);
});

test("nothing is waited for once there are no clusters, or after the end", () => {
  const { clock, clusters, each } = rests(2);
  each.begin();
  clock.advance(5_000);
  clusters.length = 0;
  clock.advance(5_000);
  assert.equal(clock.waiting, 0);
  each.begin();
  each[Symbol.dispose]();
  assert.equal(clock.waiting, 0);
});
