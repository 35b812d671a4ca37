/** The contract that every namer is held to, as tests of `node:test`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { type GuardSettings, type Namer, Path } from "linkspan/plugin";
import { CountingClock } from "./counting-clock.ts";
import { eventually } from "./eventually.ts";
import { answerCases } from "./namer-answer-cases.ts";
import type { ContractFixture, NamerCase } from "./namer-case.ts";
import { changeCases } from "./namer-change-cases.ts";
import type { Ability, MakeFixture, NamerFixture } from "./namer-fixture.ts";
import { guardCases } from "./namer-guard-cases.ts";
import { lifetimeCases } from "./namer-lifetime-cases.ts";
import { outageCases } from "./namer-outage-cases.ts";
import { troubleCases } from "./namer-trouble-cases.ts";
import { updateCases } from "./namer-update-cases.ts";
import { viewCases } from "./namer-view-cases.ts";
import { RecordingLog } from "./recording-log.ts";

export type { Ability, FixtureInstance, FixtureOptions, MakeFixture, NamerFixture } from "./namer-fixture.ts";

/** Short enough for a test to wait for its end, long enough for it to see the hold. */
const SHORT_HOLD: GuardSettings = { holdMs: 700, nameShare: 0.5, sourceShare: 1 };
const NO_GUARD: GuardSettings = { holdMs: 0, nameShare: 0.5, sourceShare: 0.2 };
const CASE_MS = 60_000;

const cases: readonly NamerCase[] = [
  ...answerCases,
  ...viewCases,
  ...updateCases,
  ...changeCases,
  ...guardCases,
  ...outageCases,
  ...troubleCases,
  ...lifetimeCases,
];

export interface ContractOptions {
  /** What this backend or namer cannot do: clauses about it are not registered. Everything else must hold. */
  readonly without?: readonly Ability[];
}

/** Registers one test a clause. `make` is called for each and gives a namer over a backend of its own. */
export function namerContract(name: string, make: MakeFixture, { without = [] }: ContractOptions = {}): void {
  for (const each of cases) {
    if (each.needs?.some((ability) => without.includes(ability)) === true) continue;
    test(`${name}: ${each.name}`, { timeout: CASE_MS }, () => run(each, make));
  }
}

async function run(each: NamerCase, make: MakeFixture): Promise<void> {
  const clock = new CountingClock();
  const log = new RecordingLog();
  const guard = each.guarded === true ? SHORT_HOLD : NO_GUARD;
  await using fixture = await make({ guard, clock, log, down: each.down === true });
  requireVerbs(each, fixture);
  const path = (service: string, ...residual: readonly string[]): Path =>
    (fixture.path?.(service) ?? Path.of(service)).concat(Path.of(...residual));
  await each.run(fixture, { clock, log, path });
  await assertNothingIsLeft(fixture, clock);
  assert.deepEqual(log.told("bug"), []);
}

const namerVerbs = ["names", "instances", "watches", "release"] as const satisfies (Ability & keyof Namer)[];
const fixtureVerbs = ["stall", "reset", "slow", "refuse", "restart"] as const satisfies (Ability &
  keyof NamerFixture)[];

function requireVerbs(
  { needs = [] }: NamerCase,
  fixture: NamerFixture,
): asserts fixture is NamerFixture & ContractFixture {
  const missing = [
    ...namerVerbs.filter((verb) => needs.includes(verb) && fixture.namer[verb] === undefined),
    ...fixtureVerbs.filter((verb) => needs.includes(verb) && fixture[verb] === undefined),
  ];
  const [verb] = missing;
  if (verb === undefined) return;
  throw new Error(`there is no ${verb}(): give it, or call namerContract with {without: ["${verb}"]} and say why`);
}

/** Of a session that could not be closed, as the backend was away: it expires. */
const EXPIRED_MS = 15_000;

/** However a clause ended: a namer that was closed has no connection and no timer, and its backend knows it no more. */
async function assertNothingIsLeft(fixture: NamerFixture, clock: CountingClock): Promise<void> {
  await fixture.namer[Symbol.asyncDispose]();
  // The ends of connections are not seen by a backend that stands still.
  fixture.slow?.(undefined);
  fixture.resume?.();
  await eventually("no connection is left", () => fixture.connections() === 0);
  await eventually("no timer is left", () => clock.waiting === 0);
  await eventually("nothing is kept for it", async () => ((await fixture.kept?.()) ?? 0) === 0, EXPIRED_MS);
}
