/**
 * What a demo of the value of Linkspan is: one story, told at the same time to several ways to run the same service.
 *
 * A file of this folder, such as `ewma.ts`, exports one `Demo`, and `scripts/demo.ts` lists it; `run-demo.ts` plays it:
 * each lane gets backends of its own on real sockets, a daemon of its own before them (or none: a plain client, which
 * asks the backends in turn), and the same requests, at the same moments. `live-table.ts` shows it.
 *
 * All times in a demo are those of the story, in ms. A story may be played faster than it is told (`pace` 0.1: in a
 * tenth of the time, ten times as many requests a second): whatever goes into a configuration must pass through `paced`.
 */
import type { Random } from "../../src/base/time.ts";

export interface Demo {
  readonly name: string;
  /** What happens, in one sentence. */
  readonly about: string;
  readonly seconds: number;
  /** A course of chance that is like most; 1 if it is not said. */
  readonly seed?: number;
  /** Requests a second to each lane, evenly spaced. */
  readonly rps: number;
  /** One function for each backend: what it does with a request that reaches it at `atMs` of the story. */
  readonly backends: readonly Backend[];
  readonly lanes: readonly Lane[];
  /** In words, for the table's head. */
  readonly success: string;
  /** Whether a caller got what he wanted. */
  isSuccess(answer: Answer): boolean;
}

export type Backend = (atMs: number, random: Random) => Reaction;

export interface Reaction {
  readonly afterMs: number;
  /** 200 if it is not said; `broken` closes the connection instead. */
  readonly status?: number | "broken";
}

export interface Lane {
  readonly name: string;
  /** The router's `client` and `service` as in a linkerd.yaml; a plain client if there is none. */
  readonly router?: (paced: Paced) => RouterKeys;
}

export interface RouterKeys {
  readonly client?: object;
  readonly service?: object;
}

/** From a time of the story to one of the clock: whole ms, at least 1 where it is not 0. */
export type Paced = (storyMs: number) => number;

/** What a caller saw. */
export interface Answer {
  /** `undefined` where the connection broke. */
  readonly status: number | undefined;
  /** In ms of the story, from when the request was due. */
  readonly tookMs: number;
}

/** What a lane has come to, so far or at the end; times are those of the story. */
export interface LaneReport {
  readonly lane: string;
  readonly requests: number;
  /** Those that were sent well after they were due: with many of them the figures tell of the machine. */
  readonly late: number;
  readonly successes: number;
  /** Successes of those that have been answered, in percent. */
  readonly successPercent: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
  readonly worstMs: number;
  /** What the backends were asked for, of each request. */
  readonly attemptsPerRequest: number;
  /** For each of the story's seconds the share of its requests that failed; NaN where none has been answered yet. */
  readonly failing: readonly number[];
}

export interface DemoReport {
  readonly demo: string;
  readonly storySeconds: number;
  readonly pace: number;
  readonly seed: number;
  readonly lanes: readonly LaneReport[];
}
