/** The contract that every namer is held to, as tests of `node:test`. */
import { test } from "node:test";
import type { GuardSettings } from "linkspan/plugin";
import { CountingClock } from "./counting-clock.ts";
import { lifetimeCases } from "./namer-lifetime-cases.ts";
import { outageCases } from "./namer-outage-cases.ts";
import type { MakeFixture } from "./namer-fixture.ts";
import { answerCases, type NamerCase } from "./namer-answer-cases.ts";
import { updateCases } from "./namer-update-cases.ts";
import { RecordingLog } from "./recording-log.ts";

export type { FixtureInstance, FixtureOptions, MakeFixture, NamerFixture } from "./namer-fixture.ts";

/** Short enough for a test to wait for its end, long enough for it to see the hold. */
const SHORT_HOLD: GuardSettings = { holdMs: 700, nameShare: 0.5, sourceShare: 1 };
const NO_GUARD: GuardSettings = { holdMs: 0, nameShare: 0.5, sourceShare: 0.2 };

/** Registers one test a clause. `make` is called for each and gives a namer over a backend of its own. */
export function namerContract(name: string, make: MakeFixture): void {
  for (const each of [...answerCases, ...updateCases, ...outageCases, ...lifetimeCases]) {
    test(`${name}: ${each.name}`, { timeout: 60_000 }, () => run(each, make));
  }
}

async function run(each: NamerCase, make: MakeFixture): Promise<void> {
  const clock = new CountingClock();
  const log = new RecordingLog();
  const guard = each.guarded === true ? SHORT_HOLD : NO_GUARD;
  await using fixture = await make({ guard, clock, log, down: each.down === true });
  await each.run(fixture, { clock, log });
}
