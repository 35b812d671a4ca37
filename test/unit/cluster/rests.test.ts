import assert from "node:assert/strict";
import { test } from "node:test";
import { Rests } from "../../../src/cluster/rests.ts";
import { FakeClock } from "../../../src/testing/index.ts";
import { clusterBench } from "../../fakes/cluster-bench.ts";

function rests() {
  const clock = new FakeClock();
  const each = new Rests(clock);
  let asked = 0;
  const add = (count: number, isOver: () => boolean): void => {
    const rest = (): boolean => {
      asked++;
      return isOver();
    };
    for (let n = 0; n < count; n++) each.add({ rest });
  };
  return { clock, each, add, asked: () => asked };
}

test("who is awake is asked every five seconds, until it rests", () => {
  const { clock, add, asked } = rests();
  add(3, () => asked() > 3);
  clock.advance(4_999);
  assert.equal(asked(), 0);
  clock.advance(1);
  assert.equal(asked(), 3);
  clock.advance(5_000);
  assert.equal(asked(), 6);
  assert.equal(clock.waiting, 0);
});

test("of very many only some are asked in one turn, and who wakes meanwhile is asked in the next round", () => {
  const { clock, add, asked } = rests();
  add(1_200, () => true);
  clock.advance(5_000);
  assert.equal(asked(), 500);
  add(1, () => true);
  clock.advance(50);
  assert.equal(asked(), 1_000);
  clock.advance(50);
  assert.equal(asked(), 1_200);
  clock.advance(5_000);
  assert.equal(asked(), 1_201);
  assert.equal(clock.waiting, 0);
});

test("nothing is waited for after the end", () => {
  const { clock, each, add } = rests();
  add(600, () => false);
  clock.advance(5_000);
  each[Symbol.dispose]();
  assert.equal(clock.waiting, 0);
});

test("a cluster is asked while it is awake, and again once somebody has woken it", () => {
  const clock = new FakeClock();
  const { cluster, source, send } = clusterBench({ rests: new Rests(clock) });
  assert.equal(clock.waiting, 0);
  source.at(80, 81);
  clock.advance(5_000);
  assert.equal(cluster.endpoints.length, 0);
  assert.equal(clock.waiting, 0);
  send();
  send();
  assert.equal(clock.waiting, 1);
  // With an exchange under way it stays awake.
  clock.advance(20_000);
  assert.equal(cluster.endpoints.length, 2);
});

test("a cluster that was closed is asked no more", async () => {
  const clock = new FakeClock();
  const { tier, source } = clusterBench({ rests: new Rests(clock) });
  source.at(80);
  await tier.close();
  clock.advance(5_000);
  assert.equal(clock.waiting, 0);
});
