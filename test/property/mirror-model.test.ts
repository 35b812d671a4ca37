/** Mirrors in random trouble: nothing is wrongly deleted, and in the end the target is what the source is. */
import { describe, it } from "node:test";
import fc from "fast-check";
import { MirrorModel } from "./mirror-model.ts";
import { MirrorRing } from "./mirror-ring.ts";

const isLong = process.env["LINKSPAN_TESTS"] === "long";
const ring = ["ab", "bc", "ca"].map(([from, to]) => [from, to] as ["a" | "b" | "c", "a" | "b" | "c"]);
const both = [...ring, ...ring.map(([from, to]) => [to, from] as (typeof ring)[number])];

describe("the laws of mirrors", () => {
  it("touch nothing of others, delete nothing before the rule allows it, and end where the source is", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), (seed) => new MirrorModel(seed).run(25)),
      { numRuns: isLong ? 10_000 : 150 },
    );
  });

  it("never bring back to a registry what is at home there, around a ring or both ways", async () => {
    await fc.assert(
      fc.asyncProperty(fc.nat(), fc.constantFrom(ring, both), (seed, links) => new MirrorRing(seed, links).run(15)),
      { numRuns: isLong ? 2_000 : 40 },
    );
  });
});
