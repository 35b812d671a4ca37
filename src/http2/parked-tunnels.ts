/** Exchanges that ask for a tunnel, and wait until the endpoint has said whether it makes any (RFC 8441 §3). */
import type { Failure } from "../base/failure.ts";
import type { Exchange, Holder, Responder } from "../http/exchange.ts";

export class ParkedTunnels implements Holder {
  readonly #parked = new Map<Exchange, Responder>();

  get size(): number {
    return this.#parked.size;
  }

  park(x: Exchange, back: Responder): void {
    x.holder = this;
    this.#parked.set(x, back);
  }

  /** Hands every one of them to `send`. */
  release(send: (x: Exchange, back: Responder) => void): void {
    for (const [x, back] of this.#parked) {
      this.#leave(x);
      send(x, back);
    }
  }

  failAll(failure: Failure): void {
    for (const x of this.#parked.keys()) this.cancel(x, failure);
  }

  cancel(x: Exchange, failure: Failure): void {
    const back = this.#leave(x);
    x.failure = failure;
    back?.respond(x);
    back?.finish(x);
  }

  abandon(x: Exchange): void {
    this.#leave(x)?.finish(x);
  }

  #leave(x: Exchange): Responder | undefined {
    const back = this.#parked.get(x);
    this.#parked.delete(x);
    if (x.holder === this) x.holder = undefined;
    return back;
  }
}
