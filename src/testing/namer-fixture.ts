/** What a namer must bring to be held to the contract: its backend, with the verbs of change and of trouble. */
import type { GuardSettings, Namer, Path } from "linkspan/plugin";
import type { CountingClock } from "./counting-clock.ts";
import type { RecordingLog } from "./recording-log.ts";

export interface FixtureInstance {
  readonly id: string;
  /** A backend that takes no loopback addresses may write another one: the clauses look at ports. */
  readonly host: string;
  readonly port: number;
  /** 1 where it is left out. */
  readonly weight?: number;
  /** False: registered, and says itself that it is not to be called. Left out, it is ready. */
  readonly ready?: boolean;
  readonly zone?: string;
}

export interface FixtureOptions {
  readonly guard: GuardSettings;
  readonly clock: CountingClock;
  readonly log: RecordingLog;
  /** The backend cannot be reached when the namer is made. */
  readonly down: boolean;
}

/**
 * What not every backend or namer can do. A namer is held to all of them, but for those that its call of
 * `namerContract` says it is `without`.
 *
 * - `names`, `instances`, `watches`, `release`: the optional verbs of `Namer`
 * - `stall`, `reset`, `slow`, `refuse`, `restart`: the optional verbs of `NamerFixture`
 * - `garbage`: what `spoil` writes cannot be read by anybody (it can where the backend takes nothing else in)
 * - `residuals`: what is left of a path takes no watch (it does where a longer path may be another name)
 * - `losses`: what is absent without a sign may be an accident (not so where whoever deletes means it)
 * - `signs`: an instance can be registered and say itself that it is not to be called
 * - `weights`, `zones`: an instance has them
 */
export type Ability =
  | "names"
  | "instances"
  | "watches"
  | "release"
  | "stall"
  | "reset"
  | "slow"
  | "refuse"
  | "restart"
  | "residuals"
  | "garbage"
  | "losses"
  | "signs"
  | "weights"
  | "zones";

/** A namer over a backend of its own. Disposing it closes both, and may come after `namer` was closed. */
export interface NamerFixture extends AsyncDisposable {
  readonly namer: Namer;
  /** Where the namer finds a service, without its prefix; `/SERVICE` where it is left out. */
  path?(service: string): Path;
  /** The service then has exactly these instances; those that stay the same are not written again. */
  put(service: string, instances: readonly FixtureInstance[]): Promise<void>;
  /** Writes what is there once more, unchanged. */
  touch(service: string): Promise<void>;
  /** The service goes as a whole, in the way that the backend's users do it. */
  drop(service: string): Promise<void>;
  /** Puts something that cannot be read into a service that has instances. */
  spoil(service: string): Promise<void>;
  /** Takes what `spoil` put there away, or makes it readable. */
  mend(service: string): Promise<void>;
  /** Nobody can reach the backend, and every connection to it ends, until `up`. What is there stays. */
  down(): Promise<void>;
  up(): Promise<void>;
  /** The backend takes requests and does not answer them, until `resume`. */
  stall?(): void;
  resume?(): void;
  /** Every connection ends, in the middle of an answer where there is one; new ones are taken at once. */
  reset?(): void;
  /** The backend's answers come as a trickle, at most so many bytes a second; `undefined` ends that. */
  slow?(bytesPerSecond: number | undefined): void;
  /** Every question is answered with an error that is the backend's own (as 500 is), until it is called with false. */
  refuse?(refuses: boolean): void | Promise<void>;
  /** The backend ends and starts again with the same data: sessions, indexes and the like begin anew. */
  restart?(): Promise<void>;
  /** How many connections, or open watches of the system, the namer has. */
  connections(): number;
  /**
   * How much the backend itself still keeps for the namer, such as sessions, and watches: none is left soon after the
   * namer was closed. Left out, where with its connections everything has gone.
   */
  kept?(): number | Promise<number>;
}

export type MakeFixture = (options: FixtureOptions) => Promise<NamerFixture>;
