/** What a namer must bring to be held to the contract: its backend, with the verbs of change and of trouble. */
import type { GuardSettings, Namer } from "linkspan/plugin";
import type { CountingClock } from "./counting-clock.ts";
import type { RecordingLog } from "./recording-log.ts";

export interface FixtureInstance {
  readonly id: string;
  readonly host: string;
  readonly port: number;
}

export interface FixtureOptions {
  readonly guard: GuardSettings;
  readonly clock: CountingClock;
  readonly log: RecordingLog;
  /** The backend cannot be reached when the namer is made. */
  readonly down: boolean;
}

/** A namer over a backend of its own. Disposing it closes both, and may come after `namer` was closed. */
export interface NamerFixture extends AsyncDisposable {
  readonly namer: Namer;
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
  down(): Promise<void>;
  up(): Promise<void>;
  /** The backend takes requests and does not answer them, until `resume`; left out where there is nobody to ask. */
  stall?(): void;
  resume?(): void;
  /** How many connections, or open watches of the system, the namer has. */
  connections(): number;
}

export type MakeFixture = (options: FixtureOptions) => Promise<NamerFixture>;
