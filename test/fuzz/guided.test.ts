/** Tests of a fuzzer that is led by what it reaches. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { maze } from "./guided/maze.ts";
import { runGuided } from "./guided/run.ts";

it("a guided fuzzer finds its way where chance alone would not, and tells by which bytes", async () => {
  const guided = {
    name: "maze",
    seeds: ["aaaa"],
    dictionary: [..."abcdefghijklmnopqrstuvwxyz"],
    isWatched: (url: string) => url.endsWith("/maze.ts"),
    run: (bytes: Buffer) => maze(bytes.toString("latin1")),
  };
  await assert.rejects(runGuided(guided, { seed: 1, seconds: 60 }), /maze: Error: the end\n {2}input 7370616e/);
});
