import assert from "node:assert/strict";
import { test } from "node:test";
import { RelistSpread } from "../../../../namers/zookeeper/relist-spread.ts";
import { seededRandom } from "../../../../src/testing/seeded-random.ts";

const longest = (spread: RelistSpread): number => Math.max(...Array.from({ length: 500 }, () => spread.delayMs()));

test("who reads again waits the longer, the more there are, and never more than a second and a half", () => {
  const spread = new RelistSpread(seededRandom(1));
  assert.equal(spread.delayMs(), 0);
  const enter = (count: number): void => Array.from({ length: count }).forEach(() => spread.enter());
  enter(1_000);
  const some = longest(spread);
  assert.ok(some > 450 && some <= 500, `${some}`);
  enter(19_000);
  const many = longest(spread);
  assert.ok(many > 1_400 && many <= 1_500, `${many}`);
  for (let n = 0; n < 20_000; n++) spread.leave();
  assert.equal(longest(spread), 0);
});

test("who reads many nodes waits as long as many who read one", () => {
  const spread = new RelistSpread(seededRandom(1));
  spread.enter();
  const waits = Array.from({ length: 500 }, () => spread.delayMs(999));
  assert.ok(Math.max(...waits) > 450 && Math.max(...waits) <= 500);
});

test("a thousand hosts spread evenly over the window", () => {
  const waits = Array.from({ length: 1_000 }, (_, seed) => {
    const spread = new RelistSpread(seededRandom(seed));
    for (let at = 0; at < 2_000; at++) spread.enter();
    return spread.delayMs();
  });
  for (let from = 0; from < 1_000; from += 100) {
    const within = waits.filter((wait) => wait >= from && wait < from + 100).length;
    assert.ok(within > 50 && within < 160, `${within} from ${from}`);
  }
});
