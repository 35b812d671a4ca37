/** Tests of what a fuzzer's run tells. */
import assert from "node:assert/strict";
import { describe, it } from "node:test";
import type { Random } from "../../src/base/time.ts";
import { Finding, type Fuzzer, fuzzOptions, runFuzzer } from "./runner.ts";

const fuzzerOf = (round: (random: Random) => number | Promise<number>): Fuzzer => ({
  name: "made up",
  reached: {},
  round,
  [Symbol.asyncDispose]: () => Promise.resolve(),
});

describe("a run of a fuzzer", () => {
  it("tells what was found, and by which seed and round it can be had again", async () => {
    const drawn: number[] = [];
    const fuzzer = fuzzerOf((random) => {
      const chance = random.next();
      drawn.push(chance);
      if (drawn.length % 7 === 0) throw new Finding("a law", ["the bytes\r\n"]);
      return 1;
    });
    const asked = { seed: 5, seconds: 5 };
    await assert.rejects(runFuzzer(fuzzer, asked), /made up, --seed 5, round 6: Finding: a law\n {2}"the bytes\\r\\n"/);
    await assert.rejects(runFuzzer(fuzzer, asked), /round 6/);
    assert.deepEqual(drawn.slice(7), drawn.slice(0, 7), "the same seed draws the same");
  });

  it("tells of a heap that grows", async () => {
    const kept: unknown[] = [];
    const fuzzer = fuzzerOf(() => kept.push(Array.from({ length: 20_000 }, (_unused, at) => ({ at }))));
    await assert.rejects(runFuzzer(fuzzer, { seed: 1, seconds: 1 }), /the heap grew by \d+ bytes/);
  });

  it("reads its seed and its seconds from a command line", () => {
    assert.deepEqual(fuzzOptions(["--seed", "7", "--seconds", "3"]), { seed: 7, seconds: 3 });
    assert.equal(fuzzOptions([]).seconds, 20);
  });
});
