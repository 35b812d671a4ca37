/** Mutated bytes through the parsers of HTTP/1 and through the whole way of a request. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { Http1Fuzzer } from "./http1.ts";
import { runFuzzer, testSeconds } from "./runner.ts";

const SEED = Number(process.env["LINKSPAN_SEED"] ?? 9112);

it("no bytes crash or hang HTTP/1, or make it say what is not canonical", { timeout: 700_000 }, async () => {
  await using fuzzer = new Http1Fuzzer();
  const { inputs, reached } = await runFuzzer(fuzzer, { seed: SEED, seconds: testSeconds() });
  assert.ok(inputs > 2000, `${inputs} inputs`);
  for (const [what, count] of Object.entries(reached)) assert.ok(count > 0, `${what} was reached`);
});
