/** The expected ends of an exchange, as frozen values made once. The one table that statuses and docs come from. */

export type FailureFlag = "retryable" | "naming" | "timeout" | "rejected" | "interrupted";

/** An expected end of an exchange: set on it, never thrown. */
export interface Failure {
  readonly code: FailureCode;
  /** The HTTP status that a caller gets; 0 where there is nobody to answer. */
  readonly status: number;
  readonly grpcStatus: number | undefined;
  /** "retryable" means: known not to have been processed, so another endpoint may be asked whatever the method. */
  readonly flags: ReadonlySet<FailureFlag>;
  /** When it happens, for the docs. */
  readonly when: string;
  /** One sentence for the caller; the default is `when`. */
  readonly message: string;
  readonly cause?: Error;
  /** When the caller may come again; it is told in `retry-after`. */
  readonly retryAfterSecs?: number;
}

interface Row {
  readonly status: number;
  readonly grpc?: number;
  readonly flags?: readonly FailureFlag[];
  readonly when: string;
}

const rows = {
  "request.malformed": { status: 400, when: "The request breaks the grammar of HTTP, or its framing is ambiguous." },
  "request.line_too_large": { status: 414, when: "The request line is longer than the limit." },
  "request.head_too_large": { status: 431, when: "The request's headers are larger, or more, than the limit." },
  "request.body_too_large": { status: 413, when: "The request's body is larger than the limit." },
  "request.timeout": { status: 408, flags: ["timeout"], when: "The caller did not send a whole request in time." },
  "request.version": { status: 505, when: "The request's HTTP version is not served here." },
  "request.unidentified": { status: 400, grpc: 3, when: "No identifier could name the request." },
  "request.loop": { status: 400, grpc: 3, when: "The request passed more proxies than the call depth allows." },
  "request.rate_limited": { status: 429, grpc: 8, flags: ["rejected"], when: "The route's rate limit is used up." },
  "server.overloaded": {
    status: 503,
    grpc: 8,
    flags: ["rejected", "retryable"],
    when: "The server has as many requests under way as it may have.",
  },
  "name.negative": { status: 502, grpc: 14, flags: ["naming"], when: "No such service: the name binds to nothing." },
  "name.failed": { status: 502, grpc: 14, flags: ["naming"], when: "The dtab ends this name with a failure." },
  "name.unavailable": {
    status: 503,
    grpc: 14,
    flags: ["naming", "retryable"],
    when: "Nothing is known of the name yet, and its registry cannot be reached.",
  },
  "name.timeout": {
    status: 503,
    grpc: 14,
    flags: ["naming", "timeout"],
    when: "The name was not resolved within the binding timeout.",
  },
  "cluster.empty": { status: 503, grpc: 14, flags: ["retryable"], when: "The service is known and has no instances." },
  "cluster.overloaded": {
    status: 503,
    grpc: 8,
    flags: ["rejected", "retryable"],
    when: "As many requests wait for the service, or for a connection to it, as may.",
  },
  "connect.failed": {
    status: 502,
    grpc: 14,
    flags: ["retryable"],
    when: "No connection to an endpoint could be made.",
  },
  "connect.timeout": {
    status: 504,
    grpc: 14,
    flags: ["retryable", "timeout"],
    when: "An endpoint did not accept a connection in time.",
  },
  "tls.failed": {
    status: 502,
    grpc: 14,
    flags: ["retryable"],
    when: "No TLS connection to an endpoint could be made: the handshake failed, or its certificate was refused.",
  },
  "upstream.refused": {
    status: 503,
    grpc: 14,
    flags: ["rejected", "retryable"],
    when: "The endpoint refused the request before it worked on it.",
  },
  "upstream.reset": { status: 502, grpc: 14, when: "The endpoint closed the connection before it had answered." },
  "upstream.malformed": { status: 502, grpc: 13, when: "The endpoint's answer breaks the grammar of HTTP." },
  "upstream.no_upgrade": {
    status: 502,
    when: "The caller asked for a tunnel that the connection to the endpoint cannot become.",
  },
  "attempt.timeout": { status: 504, grpc: 4, flags: ["timeout"], when: "One attempt took longer than its limit." },
  "total.timeout": { status: 504, grpc: 4, flags: ["timeout"], when: "The request took longer than its limit." },
  "grpc.unsupported": {
    status: 502,
    grpc: 12,
    when: "The request is gRPC, and its endpoints are called over HTTP/1, which cannot carry that.",
  },
  "connection.idle": {
    status: 504,
    grpc: 4,
    flags: ["timeout", "interrupted"],
    when: "No byte moved on a TCP connection, either way, for its idle timeout.",
  },
  "fault.injected": {
    status: 503,
    grpc: 14,
    when: "A fault that the configuration injects, with a status of its own.",
  },
  "downstream.gone": { status: 0, grpc: 1, flags: ["interrupted"], when: "The caller left before the answer." },
  internal: { status: 500, grpc: 13, when: "A defect in linkspan itself; it is in the log as `bug`." },
} as const satisfies Record<string, Row>;

export type FailureCode = keyof typeof rows;

function make(code: FailureCode): Failure {
  const row: Row = rows[code];
  return Object.freeze({
    code,
    status: row.status,
    grpcStatus: row.grpc,
    flags: new Set(row.flags),
    when: row.when,
    message: row.when,
  });
}

/** Every failure by its code, with its standard message. */
export const failures: { readonly [code in FailureCode]: Failure } = Object.freeze(
  Object.fromEntries((Object.keys(rows) as FailureCode[]).map((code) => [code, make(code)])),
) as { readonly [code in FailureCode]: Failure };

/** A failure with a message of its own; for ends that are not on the warm path. */
export function failure(code: FailureCode, message: string, cause?: Error): Failure {
  return Object.freeze({ ...failures[code], message, ...(cause ? { cause } : {}) });
}

/** A name, or an id, of which its registry has said nothing yet, and why. */
export function unavailable(what: string, cause: Error): Failure {
  return failure("name.unavailable", `Nothing is known of ${what} yet: ${cause.message}`, cause);
}

/** The same end, but known not to have been processed. */
export function asRetryable(base: Failure): Failure {
  return Object.freeze({ ...base, flags: new Set([...base.flags, "retryable" as const]) });
}

/** The same end, but nobody is to try it again, although it was not processed. */
export function asFinal(base: Failure): Failure {
  return Object.freeze({ ...base, flags: new Set([...base.flags].filter((flag) => flag !== "retryable")) });
}
