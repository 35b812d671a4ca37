/** One try to open a connection, bounded in time. */
import { type Address, addressKey } from "../base/address.ts";
import { type Failure, failure } from "../base/failure.ts";
import type { Clock } from "../base/time.ts";
import type { Connection, ConnectionOwner, Transport } from "../http/transport.ts";

export interface DialOptions {
  readonly transport: Transport;
  readonly clock: Clock;
  readonly timeoutMs: number;
}

/** Hears of the end of a dial, once, unless it was cancelled. */
export interface DialEnd {
  dialled(dial: Dial, connection: Connection): void;
  failed(dial: Dial, failure: Failure): void;
}

/** A connection that comes after the end is closed. */
export class Dial {
  readonly #abort = new AbortController();
  readonly #timer: Disposable;
  readonly #end: DialEnd;
  #over = false;

  constructor(options: DialOptions, address: Address, owner: ConnectionOwner, end: DialEnd) {
    this.#end = end;
    const { transport, clock, timeoutMs } = options;
    const name = addressKey(address);
    this.#timer = clock.timer(timeoutMs, () => {
      this.#failed(failure("connect.timeout", `No connection to ${name} was made within ${timeoutMs} ms.`));
    });
    transport.connect(address, owner, this.#abort.signal).then(
      (connection) => this.#dialled(connection, name),
      (error: unknown) => this.#failed(failureOf(error, name)),
    );
  }

  /** Ends the dial; nobody hears of it any more. */
  cancel(): void {
    if (this.#over) return;
    this.#over = true;
    this.#timer[Symbol.dispose]();
    this.#abort.abort();
  }

  #dialled(connection: Connection, name: string): void {
    if (this.#over) return closeQuietly(connection);
    if (connection.status === "closed") return this.#failed(failure("connect.failed", `${name} closed at once.`));
    this.#over = true;
    this.#timer[Symbol.dispose]();
    this.#end.dialled(this, connection);
  }

  #failed(why: Failure): void {
    if (this.#over) return;
    this.cancel();
    this.#end.failed(this, why);
  }
}

/** Closes what nobody waits for; a connection that fails to close is gone too. */
export function closeQuietly(connection: Connection): void {
  void Promise.allSettled([connection[Symbol.asyncDispose]()]);
}

const TIMEOUT_CODES: ReadonlySet<unknown> = new Set(["ETIMEDOUT", "ETIME", "ERR_SOCKET_CONNECTION_TIMEOUT"]);

function failureOf(error: unknown, name: string): Failure {
  const cause = error instanceof Error ? error : new Error(String(error));
  if ("code" in cause && cause.code === "tls.failed") return failure("tls.failed", `${cause.message}.`, cause);
  const late = "code" in cause && TIMEOUT_CODES.has(cause.code);
  const code = late ? "connect.timeout" : "connect.failed";
  return failure(code, `No connection to ${name} could be made: ${plainly(cause)}.`, cause);
}

/** A transport's error names the address once more; what it wraps says why. */
function plainly(cause: Error): string {
  return cause.cause instanceof Error ? cause.cause.message : cause.message;
}
