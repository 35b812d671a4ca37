/** Bytes that are led by which code of HTTP/2 they reach. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { guidedHttp2 } from "./guided/http2.ts";
import { guidedSeconds, runGuided } from "./guided/run.ts";

const SEED = Number(process.env["LINKSPAN_SEED"] ?? 9113);

it("no bytes that lead further crash or hang HTTP/2, or have it break a law", { timeout: 700_000 }, async (t) => {
  const report = await runGuided(guidedHttp2, { seed: SEED, seconds: guidedSeconds() });
  t.diagnostic(JSON.stringify(report));
  assert.ok(report.kept > 0 && report.reached > report.reachedBySeeds, JSON.stringify(report));
});
