import assert from "node:assert/strict";
import { test } from "node:test";
import { GradientLimit } from "../../../src/cluster/gradient-limit.ts";

test("answers that stay as quick let the limit grow, a fifth of four at a time", () => {
  const limit = new GradientLimit(Infinity);
  assert.equal(limit.most, 20);
  limit.learn(10, 20);
  assert.equal(limit.most, 20);
  for (let n = 0; n < 4; n++) limit.learn(10, 20);
  // 20 + 5 * 0.8
  assert.equal(limit.most, 24);
});

test("answers three times as slow as in the long run halve what each step aims at", () => {
  const limit = new GradientLimit(Infinity);
  for (let n = 0; n < 100; n++) limit.learn(10, 0);
  assert.equal(limit.most, 20);
  // The average is 10 + 20 * 2 / 601; the gradient 1.5 * 10.0666 / 30 = 0.5033; the next limit 16 + (10.066 + 4) / 5.
  limit.learn(30, 20);
  assert.equal(limit.most, 18);
  limit.learn(1000, 20);
  // 18.81 * 0.8 + (9.41 + 4) / 5
  assert.equal(limit.most, 17);
});

test("nothing is learnt while less than half of it is used, and it never falls below four or rises above its bound", () => {
  const idle = new GradientLimit(Infinity);
  for (let n = 0; n < 50; n++) idle.learn(10, 9);
  assert.equal(idle.most, 20);
  const slow = new GradientLimit(Infinity);
  for (let n = 0; n < 5; n++) slow.learn(1, 0);
  // Half of it and four more, again and again, ends at eight.
  for (let n = 0; n < 60; n++) slow.learn(2 ** n, 20);
  assert.equal(slow.most, 8);
  const bounded = new GradientLimit(25);
  for (let n = 0; n < 500; n++) bounded.learn(10, 25);
  assert.equal(bounded.most, 25);
  assert.equal(new GradientLimit(2).most, 2);
});
