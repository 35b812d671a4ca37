/** Bytes that are led by which code of HTTP/1 they reach. */
import assert from "node:assert/strict";
import { it } from "node:test";
import { guidedHttp1 } from "./guided/http1.ts";
import { guidedSeconds, runGuided } from "./guided/run.ts";

const SEED = Number(process.env["LINKSPAN_SEED"] ?? 9112);

it("no bytes that lead further crash or hang HTTP/1, or have it break a law", { timeout: 700_000 }, async (t) => {
  const report = await runGuided(guidedHttp1, { seed: SEED, seconds: guidedSeconds() });
  t.diagnostic(JSON.stringify(report));
  assert.ok(report.kept > 0 && report.reached > report.reachedBySeeds, JSON.stringify(report));
});
