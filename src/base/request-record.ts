/** What is told of one request to whoever asks why it ended as it did; plain data, for threads and the admin port. */

/** `again`: another attempt follows the one that ended so; `end`: none does, and why; `beside`: one more runs beside it. */
export type DecisionKind = "again" | "end" | "beside" | "waited";

export interface Decision {
  /** Monotonic ms, where it is noted. */
  readonly at: number;
  readonly kind: DecisionKind;
  /** Who decided: `retry`, `requeue`, `hedge`, `limit`; `attempt` for one that was not made. */
  readonly by: string;
  /** A status, a failure's code, or what was not there: `budget`, `limit`, `time`, `body`, `not open`. */
  readonly because: string;
  /** `host:port` of the attempt that it is about. */
  readonly endpoint?: string;
  /** How long is, or was, waited. */
  readonly ms?: number;
}

export interface RequestRecord {
  /** Of its trace: 16 hexadecimal digits, as in `l5d-reqid`; others of the same trace have the same. */
  readonly id: string;
  readonly router: string;
  /** Where it was asked. */
  readonly server: string;
  /** The address that it came from, where that is known. */
  readonly caller?: string;
  /** Epoch ms of its first byte. */
  readonly at: number;
  readonly method: string;
  /** The logical name; not there where it got none. */
  readonly name?: string;
  /** What the caller got; 0 for nothing. */
  readonly status: number;
  /** Of the router's own failure, where the answer was one, or was broken off. */
  readonly code?: string;
  readonly class: "success" | "failure" | "interrupted" | "unknown";
  /** To its end. */
  readonly tookMs: number;
  /** The last endpoint that it was sent to, and its cluster. */
  readonly endpoint?: string;
  readonly cluster?: string;
  /** Attempts after the first: by the classifier, and because nothing had been done. */
  readonly retries: number;
  readonly requeues: number;
  /** What was decided beside its first attempt, in order; their times are ms after its first byte. */
  readonly decisions: readonly Decision[];
}

/**
 * Asks a thread: for the records of an id, for the last of all requests of a share of the traces, else for the last that
 * did not go as they should.
 */
export interface WhyQuery {
  readonly why: { readonly id?: string; readonly share?: number; readonly limit: number };
}
