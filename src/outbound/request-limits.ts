/** What ends a request to a registry before it is over: the limits it has if it says none, and signals. */

export const DEFAULT_CONNECTIONS = 8;
export const DEFAULT_HEAD_MS = 10_000;
export const DEFAULT_IDLE_MS = 30_000;
/** Requests that wait for a connection at most. */
export const MAX_WAITING = 4_096;
/** An idle connection is closed before servers and middle boxes commonly do. */
export const KEEP_IDLE_MS = 30_000;

/** Whether a request may be sent twice (RFC 9110 §9.2.2). */
export function isIdempotent(method: string): boolean {
  return IDEMPOTENT.has(method);
}

const IDEMPOTENT: ReadonlySet<string> = new Set(["GET", "HEAD", "PUT", "DELETE"]);

/** Calls `stop` once with the reason of the first signal that aborts, at once if one has; until it is disposed. */
export function endWith(signals: readonly AbortSignal[], stop: (reason: unknown) => void): Disposable {
  const listeners = signals.map((signal) => [signal, (): void => stop(signal.reason)] as const);
  for (const [signal, listener] of listeners) {
    if (signal.aborted) listener();
    else signal.addEventListener("abort", listener, { once: true });
  }
  return {
    [Symbol.dispose]: () => {
      for (const [signal, listener] of listeners) signal.removeEventListener("abort", listener);
    },
  };
}

/** Says whom a client could not ask; what says it already stays as it is. */
export function askingFailed(shown: string, error: NodeJS.ErrnoException): Error {
  if (error.message.startsWith(shown)) return error;
  return cannotAsk(shown, error.code ?? "EIO", error.message, error);
}

export function cannotAsk(shown: string, code: string, why: string, cause?: Error): Error {
  return Object.assign(new Error(`${shown} cannot be asked: ${why}`, { cause }), { code });
}
