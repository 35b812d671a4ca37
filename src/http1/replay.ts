/** Whether what was lost on a connection to an endpoint may be sent again on another one (RFC 9112 §9.3.1). */
import { asRetryable, type Failure, failures } from "../base/failure.ts";
import type { Exchange } from "../http/exchange.ts";
import { isSafeMethod } from "../http/target.ts";

/** The failure of what no endpoint has seen. */
export const unprocessed = asRetryable(failures["upstream.reset"]);

/** One a connection. */
export class Replay {
  #isSafe = false;
  #heard = false;
  #served = 0;

  /** `x` is about to be sent. */
  begin(x: Exchange): void {
    this.#isSafe = x.requestBody.length === 0 && isSafeMethod(x.request.method);
    this.#heard = false;
  }

  /** A byte of an answer has come. */
  heard(): void {
    this.#heard = true;
  }

  /** An exchange was answered whole. */
  served(): void {
    this.#served++;
  }

  /** What it means that the connection is gone: one that served before may have been closed before it saw the request. */
  get loss(): Failure {
    return this.#served > 0 && !this.#heard && this.#isSafe ? unprocessed : failures["upstream.reset"];
  }
}
