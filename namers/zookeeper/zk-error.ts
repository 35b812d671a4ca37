/** What an operation on ZooKeeper can end with when it is not its result. */

const numbers = {
  SYSTEM_ERROR: -1,
  RUNTIME_INCONSISTENCY: -2,
  DATA_INCONSISTENCY: -3,
  CONNECTION_LOSS: -4,
  MARSHALLING_ERROR: -5,
  UNIMPLEMENTED: -6,
  OPERATION_TIMEOUT: -7,
  BAD_ARGUMENTS: -8,
  NO_NODE: -101,
  NO_AUTH: -102,
  BAD_VERSION: -103,
  NO_CHILDREN_FOR_EPHEMERALS: -108,
  NODE_EXISTS: -110,
  NOT_EMPTY: -111,
  SESSION_EXPIRED: -112,
  INVALID_CALLBACK: -113,
  INVALID_ACL: -114,
  AUTH_FAILED: -115,
  CLOSED: -116,
  SESSION_MOVED: -118,
  NOT_READ_ONLY: -119,
  EPHEMERAL_ON_LOCAL_SESSION: -120,
  NO_WATCHER: -121,
  REQUEST_TIMEOUT: -122,
  SASL_REQUIRED: -124,
  QUOTA_EXCEEDED: -125,
  THROTTLED: -127,
} as const;

export type ZkCode = keyof typeof numbers | "QUEUE_FULL" | "UNKNOWN";

const codes = new Map<number, ZkCode>(Object.entries(numbers).map(([code, number]) => [number, code as ZkCode]));

/**
 * `CONNECTION_LOSS`: whether it was done is not known. `SESSION_EXPIRED`, `CLOSED`, `QUEUE_FULL`: it will not be done.
 * `UNKNOWN`: the server's `number` is none of ours.
 */
export class ZkError extends Error {
  readonly code: ZkCode;
  /** ZooKeeper's own number; 0 where it has none. */
  readonly number: number;
  constructor(code: ZkCode, message: string, options?: { readonly cause?: unknown; readonly number?: number }) {
    super(`${code}: ${message}`, options);
    this.name = "ZkError";
    this.code = code;
    this.number = options?.number ?? (code === "QUEUE_FULL" || code === "UNKNOWN" ? 0 : numbers[code]);
  }
}

/** The error for a number that a server sent. */
export function zkErrorOf(number: number, what: string): ZkError {
  const code = codes.get(number) ?? "UNKNOWN";
  return new ZkError(code, code === "UNKNOWN" ? `error ${number}: ${what}` : what, { number });
}

export function isZkError(error: unknown, code: ZkCode): error is ZkError {
  return error instanceof ZkError && error.code === code;
}
