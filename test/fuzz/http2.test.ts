/** Frames of chance to both sides of HTTP/2. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { Http2Fuzzer } from "./http2.ts";
import { runFuzzer, testSeconds } from "./runner.ts";

const SEED = Number(process.env["LINKSPAN_SEED"] ?? 9113);

it("no frames crash or hang HTTP/2, or make it break a rule itself", { timeout: 700_000 }, async () => {
  await using fuzzer = new Http2Fuzzer();
  const { inputs, reached } = await runFuzzer(fuzzer, { seed: SEED, seconds: testSeconds() });
  assert.ok(inputs > 500, `${inputs} inputs`);
  for (const [what, count] of Object.entries(reached)) assert.ok(count > 0, `${what} was reached`);
});
