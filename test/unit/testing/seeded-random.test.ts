import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { seededRandom } from "../../../src/testing/seeded-random.ts";

describe("seeded random", () => {
  it("repeats with its seed, and fills [0, 1) evenly", () => {
    const [a, b] = [seededRandom(7), seededRandom(7)];
    const drawn = Array.from({ length: 10_000 }, () => a.next());
    assert.deepEqual(
      drawn.slice(0, 10),
      Array.from({ length: 10 }, () => b.next()),
    );
    assert.ok(drawn.every((each) => each >= 0 && each < 1));
    const tenths = new Set(drawn.map((each) => Math.floor(each * 10)));
    assert.equal(tenths.size, 10);
    assert.ok(Math.abs(drawn.reduce((sum, each) => sum + each) / drawn.length - 0.5) < 0.02);
  });
});
