/** What all mirrors of one namer share. */
import type { Clock, Random } from "linkspan/plugin";
import type { ZkClient } from "./client.ts";
import type { InFlight } from "./in-flight.ts";
import type { RelistSpread } from "./relist-spread.ts";
import type { SessionState } from "./session-state.ts";
import type { WatchSupport } from "./watch-support.ts";

export interface MirrorWorld {
  readonly client: ZkClient;
  readonly reads: InFlight;
  readonly spread: RelistSpread;
  readonly support: WatchSupport;
  readonly clock: Clock;
  readonly random: Random;
  /** Why nothing can be read in this state; the same object for all who ask about the same state. */
  troubleIn(state: SessionState): Error | undefined;
}
