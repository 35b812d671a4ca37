/** The contract that every announcer is held to, as tests of `node:test`. */
import assert from "node:assert/strict";
import { test } from "node:test";
import { Path } from "linkspan/plugin";
import type { AnnouncerCase, AnnouncerContractFixture } from "./announcer-case.ts";
import type { AnnouncerAbility, AnnouncerFixture, MakeAnnouncerFixture } from "./announcer-fixture.ts";
import { leaseCases } from "./announcer-lease-cases.ts";
import { troubleCases } from "./announcer-trouble-cases.ts";
import { writeCases } from "./announcer-write-cases.ts";
import { CountingClock } from "./counting-clock.ts";
import { eventually } from "./eventually.ts";
import { RecordingLog } from "./recording-log.ts";

export type {
  AnnouncerAbility,
  AnnouncerFixture,
  AnnouncerFixtureOptions,
  MakeAnnouncerFixture,
  SeenEntry,
} from "./announcer-fixture.ts";

const CASE_MS = 120_000;

const cases: readonly AnnouncerCase[] = [...writeCases, ...leaseCases, ...troubleCases];

export interface AnnouncerContractOptions {
  /** What this registry or announcer cannot do: clauses about it are not registered. Everything else must hold. */
  readonly without?: readonly AnnouncerAbility[];
}

/** Registers one test a clause. `make` is called for each and gives an announcer over a registry of its own. */
export function announcerContract(
  name: string,
  make: MakeAnnouncerFixture,
  { without = [] }: AnnouncerContractOptions = {},
): void {
  for (const each of cases) {
    if (each.needs?.some((ability) => without.includes(ability)) === true) continue;
    test(`${name}: ${each.name}`, { timeout: CASE_MS }, () => run(each, make));
  }
}

async function run(each: AnnouncerCase, make: MakeAnnouncerFixture): Promise<void> {
  const clock = new CountingClock();
  const log = new RecordingLog();
  const fixture = await make({ clock, log });
  try {
    requireVerbs(each, fixture);
    const path = (service: string): Path => fixture.path?.(service) ?? Path.of(service);
    await each.run(fixture, { clock, path });
    await fixture.announcer[Symbol.asyncDispose]();
  } finally {
    await fixture[Symbol.asyncDispose]();
  }
  await eventually("no connection is left", () => fixture.connections() === 0);
  await eventually("no timer is left", () => clock.waiting === 0);
  assert.deepEqual(log.told("bug"), []);
}

const verbs = ["native", "expire", "die", "refuse", "down"] as const satisfies (AnnouncerAbility &
  keyof AnnouncerFixture)[];

function requireVerbs(
  { needs = [] }: AnnouncerCase,
  fixture: AnnouncerFixture,
): asserts fixture is AnnouncerFixture & AnnouncerContractFixture {
  const missing = verbs.find((verb) => needs.includes(verb) && fixture[verb] === undefined);
  if (missing === undefined) return;
  throw new Error(`there is no ${missing}(): give it, or call announcerContract with {without: ["${missing}"]}`);
}
