/** What a load generator found. */
export interface Outcome {
  /** Requests or messages that were answered. */
  readonly done: number;
  /** Answers other than 2xx, and requests without one. */
  readonly failed: number;
  readonly seconds: number;
  /** Of answers, in ms; where the generator tells. */
  readonly p50Ms?: number;
  readonly p99Ms?: number;
}

export interface Latencies {
  readonly perSecond: number;
  readonly done: number;
  readonly failed: number;
  readonly p50Ms: number;
  readonly p99Ms: number;
  readonly p999Ms: number;
  /** How late requests were sent, the worst of a hundred: the generator's own error. */
  readonly lateP99Ms: number;
}

/** A generator later than that could not keep up with its rate, and what it found says little. */
const LATE_MS = 3;

export const isInTime = ({ lateP99Ms }: Pick<Latencies, "lateP99Ms">): boolean => !(lateP99Ms > LATE_MS);
