/** What a mirror is made of: plain parts, so that a daemon, a command and a test build one alike. */
import type { Instance, Origin } from "../base/instance.ts";
import type { Log } from "../base/log.ts";
import type { Metrics } from "../base/metrics.ts";
import type { Clock, Random } from "../base/time.ts";
import type { Announcer, Owner } from "../naming/announcer.ts";
import type { Namer } from "../naming/namer.ts";
import type { Path } from "../naming/path.ts";
import type { MirrorRules } from "./mirror-rules.ts";

/** Where the callers at the target reach the instances of a name. */
export interface Placed {
  /** With the ids that they had, unless many became one. */
  readonly instances: readonly Instance[];
  /** Those that cannot be reached from there by any address, and why. */
  readonly unplaced: readonly { readonly id: string; readonly cause: string }[];
}

/** Called for each change of a name; must give the same for the same. What is not ready must stay so. */
export type AddressPolicy = (instances: readonly Instance[], source: Path) => Placed;

/** Tries an address from where the callers are. Rejects, with the cause, when it cannot be reached. */
export type Probe = (host: string, port: number, signal: AbortSignal) => Promise<void>;

export interface MirrorSource {
  readonly namer: Namer;
  /** As the namer takes it, without its prefix. `*` as a whole element stands for every name that the namer lists. */
  readonly path: Path;
  /** What entries say of where their instance is at home. */
  readonly origin: Origin;
}

export interface MirrorParts {
  readonly name: string;
  /** Not the mirror's own: closed by who gave it. */
  readonly source: MirrorSource;
  /** As the source. */
  readonly announcer: Announcer;
  /**
   * Each `*` in it is replaced by what the source's next `*` stands for. Where it has none, these elements are put at
   * its end.
   */
  readonly target: Path;
  readonly owner: Owner;
  readonly rules?: Partial<MirrorRules>;
  /** Instances are published as the source has them, unless given. */
  readonly address?: AddressPolicy;
  /** Nothing is probed, unless given. */
  readonly probe?: Probe | undefined;
  readonly clock: Clock;
  readonly random: Random;
  readonly log: Log;
  readonly metrics: Metrics;
}
