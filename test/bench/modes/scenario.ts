/** One kind of load, and what is measured under it. */
import type { ChildProcess } from "node:child_process";
import type { Outcome } from "../load/outcome.ts";
import type { PacedKind } from "../load/paced.ts";
import type { Protocol } from "../peers/peer.ts";
import type { BackendName, Site } from "../site.ts";

/** A proxy that runs. */
export interface Running {
  readonly port: number;
  readonly process: ChildProcess;
}

export interface Scenario {
  readonly title: string;
  /** What is counted. */
  readonly unit: "request" | "message" | "MiB";
  readonly front: Protocol;
  readonly isTls?: boolean;
  readonly backend: BackendName;
  readonly tunnels?: boolean;
  /** As much as goes for so many seconds. */
  saturate(port: number, seconds: number, site: Site): Promise<Outcome>;
  /** How latencies are measured at fixed rates; not at all if absent. */
  readonly paced?: PacedKind;
  /** Measured once for each proxy, after the rounds: columns of the table by their heads. */
  extra?(running: Running): Promise<Readonly<Record<string, string>>>;
}

export interface Mode {
  readonly about: string;
  /** Of each round, where the command does not say. */
  readonly seconds: number;
  /** Of each measurement of latencies. */
  readonly pacedSeconds: number;
  readonly scenarios: readonly Scenario[];
}
