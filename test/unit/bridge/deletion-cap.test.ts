import assert from "node:assert/strict";
import { describe, it } from "node:test";
import { DeletionCap } from "../../../src/bridge/deletion-cap.ts";

const taken = (cap: DeletionCap): number => {
  let count = 0;
  while (cap.take()) count++;
  return count;
};

describe("how many may go in a cycle", () => {
  it("is a share, and one at least", () => {
    for (const [entries, most] of [
      [0, 1],
      [9, 1],
      [20, 2],
      [109, 10],
    ] as const) {
      const cap = new DeletionCap(0.1);
      cap.begin(entries);
      assert.equal(taken(cap), most);
    }
  });

  it("is none before a cycle began, and what was not used is lost", () => {
    const cap = new DeletionCap(0.5);
    assert.equal(taken(cap), 0);
    cap.begin(10);
    cap.take();
    cap.begin(10);
    assert.equal(taken(cap), 5);
  });
});
