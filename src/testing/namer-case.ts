/** One clause of the namer contract, and the words that all of them are written in. */
import type { Namer, Path } from "linkspan/plugin";
import type { CountingClock } from "./counting-clock.ts";
import { eventually } from "./eventually.ts";
import type { FollowedName } from "./followed-var.ts";
import type { Ability, FixtureInstance, NamerFixture } from "./namer-fixture.ts";
import type { RecordingLog } from "./recording-log.ts";

/** A fixture all of whose verbs can be called: those that a clause `needs` are there. */
export type ContractFixture = Required<Omit<NamerFixture, "namer" | typeof Symbol.asyncDispose>> & {
  readonly namer: Required<Namer>;
};

export interface Surroundings {
  readonly clock: CountingClock;
  readonly log: RecordingLog;
  /** Where the service is looked up, with what should become the residual. */
  path(service: string, ...residual: readonly string[]): Path;
}

export interface NamerCase {
  readonly name: string;
  /** Runs with a guard whose hold is short; otherwise the guard is off. */
  readonly guarded?: boolean;
  readonly down?: boolean;
  readonly needs?: readonly Ability[];
  run(fixture: ContractFixture, surroundings: Surroundings): Promise<void>;
}

/** How long an outage may take to be noticed, and to be over. */
export const TROUBLE_MS = 15_000;

/** The n-th instance that the clauses use. */
export const instance = (n: number, port = 8000 + n): FixtureInstance => ({ id: `i-${n}`, host: "127.0.0.1", port });

/** The ports that the name is bound to, in order. */
export function portsOf(followed: FollowedName): string | undefined {
  return followed.keys && portsIn(followed.keys);
}

/** Of `host:port` each. */
export const portsIn = (keys: readonly string[]): string =>
  keys
    .map((key) => Number(key.slice(key.lastIndexOf(":") + 1)))
    .sort((a, b) => a - b)
    .join();

/** Waits until the name is bound to exactly these ports. */
export async function untilPorts(followed: FollowedName, ports: readonly number[], withinMs?: number): Promise<void> {
  const wanted = [...ports].sort((a, b) => a - b).join();
  try {
    await eventually(`bound to ${wanted}`, () => portsOf(followed) === wanted, withinMs);
  } catch (error) {
    const state = JSON.stringify(followed.tree.state.tag);
    throw new Error(`${String(error)}; the name is ${state}, its addresses ${String(followed.keys)}`, { cause: error });
  }
}

export const untilNeg = (followed: FollowedName): Promise<boolean> => eventually("neg", () => followed.isNeg);

/** Nobody is left to call: the name is unknown, or known to be empty. */
export const isGone = (followed: FollowedName): boolean => followed.isNeg || followed.keys?.length === 0;

export const untilGone = (followed: FollowedName): Promise<boolean> =>
  eventually("gone", () => isGone(followed), TROUBLE_MS);

export const untilStale = (followed: FollowedName): Promise<boolean> =>
  eventually("stale", () => followed.isStale, TROUBLE_MS);

export const untilWell = (followed: FollowedName): Promise<boolean> =>
  eventually("confirmed again", () => !followed.isStale, TROUBLE_MS);

export const untilHeld = (followed: FollowedName): Promise<boolean> => eventually("held", () => followed.isHeld);

export const untilFailed = (followed: FollowedName): Promise<boolean> =>
  eventually("failed", () => followed.tree.state.tag === "failed", TROUBLE_MS);
