/** What an announcer must bring to be held to the contract: its registry, seen by a reader who knows of no announcers. */
import type { Announcer, Path } from "linkspan/plugin";
import type { CountingClock } from "./counting-clock.ts";
import type { RecordingLog } from "./recording-log.ts";

export interface AnnouncerFixtureOptions {
  readonly clock: CountingClock;
  readonly log: RecordingLog;
}

/** What an announcer or its registry may not have. A verb of the fixture is left out with the ability of its name. */
export type AnnouncerAbility =
  | "native"
  | "expire"
  | "die"
  | "refuse"
  | "down"
  /** Two groups may write to one target beside each other. */
  | "groups"
  | "election"
  /** An entry of its own can be removed by another member of the group. */
  | "members"
  | "payload"
  | "meta"
  /** The registry says itself that a member is no more, so its entries go with it. */
  | "leases";

/** An entry as the registry's own users see it. */
export interface SeenEntry {
  readonly host: string;
  readonly port: number | undefined;
}

/** An announcer over a registry of its own. Disposing it closes both, and may come after `announcer` was closed. */
export interface AnnouncerFixture extends AsyncDisposable {
  readonly announcer: Announcer;
  /** The announcer of another daemon, over the same registry; closed with the fixture at the latest. */
  another(): Promise<Announcer>;
  /** Where the service is announced; `/SERVICE` where it is left out. */
  path?(service: string): Path;
  /** All that can be called there; empty where there is no such service. */
  seen(service: string): Promise<readonly SeenEntry[]>;
  /** Something that the registry's own users put into the service. */
  native?(service: string, entry: SeenEntry): Promise<void>;
  /** The registry takes the announcer for dead, while it can still be reached. */
  expire?(announcer: Announcer): void | Promise<void>;
  /** The announcer's process ends without a word: it writes nothing any more, and its lease ends soon. */
  die?(announcer: Announcer): void | Promise<void>;
  /** Every question is answered with an error that is the registry's own, until it is called with false. */
  refuse?(refuses: boolean): void | Promise<void>;
  /** Nobody can reach the registry until `up`. What is there stays, but for leases that end. */
  down?(): Promise<void>;
  up?(): Promise<void>;
  /** How many connections the announcers have. */
  connections(): number;
}

export type MakeAnnouncerFixture = (options: AnnouncerFixtureOptions) => Promise<AnnouncerFixture>;
