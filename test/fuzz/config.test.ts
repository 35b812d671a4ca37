/** Mutated configurations through all that reads them. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { ConfigFuzzer } from "./config.ts";
import { runFuzzer } from "./runner.ts";

const SEED = Number(process.env["LINKSPAN_SEED"] ?? 1752);
const seconds = process.env["LINKSPAN_TESTS"] === "long" ? 60 : 5;

it("no text crashes or hangs what reads configurations, and every problem has its place and its form", async () => {
  await using fuzzer = new ConfigFuzzer();
  const { inputs, reached } = await runFuzzer(fuzzer, { seed: SEED, seconds });
  assert.ok(inputs > 200, `${inputs} inputs`);
  for (const [what, count] of Object.entries(reached)) assert.ok(count > 0, `${what} was reached`);
});
