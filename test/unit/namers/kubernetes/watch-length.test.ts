import assert from "node:assert/strict";
import { test } from "node:test";
import { watchLength } from "../../../../namers/kubernetes/watch-length.ts";
import { seededRandom } from "../../../../src/testing/index.ts";

const many = (isProbed: boolean) => {
  const random = seededRandom(7);
  return Array.from({ length: 1_000 }, () => watchLength(isProbed, random));
};

test("where somebody asks all the time, a watch lasts five to ten minutes, and bookmarks show life", () => {
  for (const { timeoutSeconds, leastMs, silenceMs } of many(true)) {
    assert.ok(timeoutSeconds >= 300 && timeoutSeconds <= 600);
    assert.equal(leastMs, (timeoutSeconds - 10) * 1_000);
    assert.equal(silenceMs, 90_000);
  }
});

test("where nobody can, it lasts 5 or 6 s, and is dead 2 s after its time", () => {
  const all = many(false);
  for (const { timeoutSeconds, leastMs, silenceMs } of all) {
    assert.ok(timeoutSeconds === 5 || timeoutSeconds === 6);
    assert.equal(leastMs, (timeoutSeconds - 1) * 1_000);
    assert.equal(silenceMs, (timeoutSeconds + 2) * 1_000);
  }
  assert.equal(new Set(all.map(({ timeoutSeconds }) => timeoutSeconds)).size, 2);
});
