/** What threads say to each other: plain data, few kinds, and one version for all of it. */
import type { MessagePort } from "node:worker_threads";
import type { AddressChangesData, AddressSetData } from "../base/address-data.ts";
import type { Labels, MetricSpec, TableSpec } from "../base/metrics.ts";
import type { StateData, TreeData } from "./codecs.ts";
import type { DelegationData } from "./delegation-codec.ts";
import type { HealthBatch, HealthRequest } from "./health-messages.ts";

/** Both ends of a channel come from one package; a start with another number is refused. */
export const PROTOCOL = 3;

/** Why a thread could not start, as data: `name` and `code` let the root make the error again that it was. */
export interface ThreadError {
  readonly name: string;
  readonly message: string;
  readonly code?: string;
  readonly stack?: string;
}

/** A listening socket, as the main thread gives it: where to open one, or an open descriptor of the worker's own. */
export interface ListenAt {
  readonly host: string;
  readonly port: number;
  readonly reusePort: boolean;
  readonly fd?: number;
}

/** The configuration as it was read: each thread gives it a meaning of its own. */
export interface GivenConfig {
  /** Plain data, of whatever shape the root packs it in. */
  readonly source: unknown;
  readonly baseDir: string;
  readonly logLevel: "error" | "warn" | "info" | "debug";
  readonly workers: number;
  /** By the label of a router, the key that its names are bound by. */
  readonly keys: Readonly<Record<string, string>>;
  /** Grows with each configuration that is applied; 1 for the first. */
  readonly revision: number;
}

export interface WorkerStart extends GivenConfig {
  readonly protocol: number;
  /** From 0. */
  readonly worker: number;
  readonly listen: ListenPlaces;
}

/** By router and server, in the order of the file. */
export type ListenPlaces = readonly (readonly (readonly ListenAt[])[])[];

export interface ControlStart extends GivenConfig {
  readonly protocol: number;
  /** Where the admin port was, when an earlier control thread had one. */
  readonly adminPort?: number;
  /** The admin port's listening socket, where it was inherited. */
  readonly adminFd?: number;
  /** Where the configuration can be read again; plain data of the root's. */
  readonly origin: unknown;
  /** Tells this process, over all its control threads, from any other. */
  readonly life: string;
}

/** What the control thread wants all threads to run from now on, all of them or none. */
export interface RoundRequest {
  readonly revision: number;
  readonly keys: GivenConfig["keys"];
  /** For control threads to come. */
  readonly source: unknown;
  /** For workers, those to come and these; and whether these run just that already. */
  readonly workerSource: unknown;
  readonly sameForWorkers: boolean;
  readonly logLevel: GivenConfig["logLevel"];
  readonly shutdownGraceMs: number;
  /** Where it listens. */
  readonly routers: readonly { readonly servers: readonly { readonly ip: string; readonly port: number }[] }[];
}

/** What a worker is asked to prepare. */
export interface WorkerStep extends Pick<GivenConfig, "source" | "keys" | "revision" | "logLevel"> {
  readonly listen: ListenPlaces;
}

/** A server that listens. */
export interface Listening {
  readonly router: string;
  readonly host: string;
  readonly port: number;
  readonly fds: readonly number[];
}

/** From the main thread to any other. */
export type FromMain<Start = unknown> =
  | { readonly type: "start"; readonly start: Start }
  /** A channel to the control thread, or from it to a worker; it takes the place of an earlier one of that worker. */
  | { readonly type: "join"; readonly worker: number; readonly port: MessagePort }
  /** To the control thread: the workers serve. */
  | { readonly type: "serving"; readonly servers: readonly Listening[] }
  /** To the control thread: another process has the admin port now. */
  | { readonly type: "leaveAdmin" }
  /** To the control thread: somebody wants the configuration to be read again. */
  | { readonly type: "reload" }
  /** To the control thread: the round is over, and was applied unless there is an error. */
  | {
      readonly type: "roundOver";
      readonly revision: number;
      readonly error?: ThreadError;
      /** As they are now, in the order of the file. */
      readonly servers?: readonly Listening[];
    }
  /** To the control thread: no worker uses what that round replaced any more. */
  | { readonly type: "retired"; readonly revision: number }
  /** To a worker: open all of it, and say `prepared` or `unprepared`; then comes `commit` or `cancel`. */
  | { readonly type: "prepare"; readonly step: WorkerStep }
  | { readonly type: "commit" | "cancel"; readonly revision: number }
  /** To the control thread: take away where servers are announced, and say `withdrawn`. */
  | { readonly type: "withdraw" }
  /** To the control thread: the workers take no new requests, and end. */
  | { readonly type: "draining" }
  /** Finish what is under way within `graceMs`, close everything, end. */
  | { readonly type: "close"; readonly graceMs: number };

/** From any thread to the main thread. */
export type ToMain =
  | { readonly type: "log"; readonly line: string }
  | { readonly type: "ready"; readonly servers: readonly Listening[] }
  | { readonly type: "failed"; readonly error: ThreadError }
  /** From the control thread: the admin port listens. */
  | { readonly type: "admin"; readonly host: string; readonly port: number; readonly fd?: number }
  /** From the control thread: whether servers are announced, which is to be taken away before they close. */
  | { readonly type: "announcing"; readonly isSo: boolean }
  | { readonly type: "withdrawn" }
  /** From the control thread: somebody asked for the end at the admin port. */
  | { readonly type: "shutdown" }
  /** From the control thread: it is ready to run this, if all are. */
  | { readonly type: "round"; readonly request: RoundRequest }
  /** From a worker: what it would listen with. */
  | { readonly type: "prepared"; readonly revision: number; readonly servers: readonly Listening[] }
  | { readonly type: "unprepared"; readonly revision: number; readonly error: ThreadError }
  /** From a worker: the last exchange on what was replaced has ended. */
  | { readonly type: "retired"; readonly revision: number };

/** From a worker's naming to the binder. Numbers are the worker's own, never used twice. */
export type BindingRequest =
  /** Everything that was asked for is not; what is wanted follows. */
  | { readonly type: "reset" }
  | {
      readonly type: "bind" | "delegate";
      readonly id: number;
      readonly router: string;
      readonly dtab: string;
      readonly path: string;
      /** Of the last update that is known; 0 for none. */
      readonly version: number;
    }
  | { readonly type: "release"; readonly id: number }
  | {
      readonly type: "follow";
      readonly id: number;
      readonly router: string;
      readonly path: string;
      readonly version: number;
    }
  | { readonly type: "unfollow"; readonly id: number }
  /** Nothing of this bound id accepts connections; what comes of it comes as an update. */
  | { readonly type: "unreachable"; readonly path: string }
  | { readonly type: "ack"; readonly batch: number };

/** One change, for the `bind`, `delegate` or `follow` with that number. */
export type BindingUpdate =
  | {
      readonly type: "addresses";
      readonly id: number;
      readonly version: number;
      /** Changes are those of the last set that was sent, all others of which were: the first update has a whole one. */
      readonly state: StateData<AddressSetData | AddressChangesData>;
    }
  | { readonly type: "tree"; readonly id: number; readonly version: number; readonly state: StateData<TreeData> }
  | {
      readonly type: "delegation";
      readonly id: number;
      readonly version: number;
      readonly state: StateData<DelegationData>;
    };

/** At most one batch is on its way to a worker; the next one leaves when this one was acknowledged. */
export interface BindingBatch {
  readonly batch: number;
  readonly updates: readonly BindingUpdate[];
}

/** From a worker's metrics. */
export type MetricNews =
  /** What there is follows, all of it. */
  | { readonly type: "reset" }
  | { readonly type: "page"; readonly page: number; readonly cells: SharedArrayBuffer }
  | { readonly type: "family"; readonly spec: MetricSpec }
  | {
      readonly type: "series";
      readonly id: number;
      readonly name: string;
      readonly labels: Labels;
      readonly page: number;
      readonly at: number;
    }
  | { readonly type: "table"; readonly id: number; readonly spec: TableSpec; readonly labels: Labels }
  /** A row of a table that was told of; `place` is its page and cell, as `shared-slots.ts` packs them. */
  | { readonly type: "row"; readonly id: number; readonly table: number; readonly name: string; readonly place: number }
  | { readonly type: "gone"; readonly id: number };

/** From a worker to the control thread. */
export type ToControl =
  | { readonly part: "naming"; readonly body: BindingRequest }
  | { readonly part: "health"; readonly body: HealthRequest }
  | { readonly part: "metrics"; readonly body: readonly MetricNews[] }
  | { readonly part: "view"; readonly seq: number; readonly view: unknown };

/** From the control thread to a worker. */
export type ToWorker =
  | { readonly part: "naming"; readonly body: BindingBatch }
  | { readonly part: "health"; readonly body: HealthBatch }
  /** These slots are not read any more. */
  | { readonly part: "metrics"; readonly freed: readonly number[] }
  | { readonly part: "view"; readonly seq: number; readonly query: unknown };
