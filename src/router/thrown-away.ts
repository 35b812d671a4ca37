/** The upper end of an exchange whose answer nobody wants: takes it in, as far as that is little, and forgets it. */
import { failures } from "../base/failure.ts";
import type { Clock } from "../base/time.ts";
import type { BodySink } from "../http/body.ts";
import type { Exchange, Responder } from "../http/exchange.ts";

/** How long it may take, and how much of a body is taken so that its connection can be used again. */
const MOST_MS = 30_000;
const MOST_BYTES = 1024 * 1024;

export class ThrownAway implements Responder, BodySink {
  readonly #x: Exchange;
  readonly #clock: Clock;
  readonly #ended: () => void;
  #timer: Disposable | undefined;
  #size = 0;

  /** `ended` is called once, when the exchange is over. */
  constructor(x: Exchange, clock: Clock, ended: () => void) {
    this.#x = x;
    this.#clock = clock;
    this.#ended = ended;
  }

  /** Before it is dispatched. */
  start(): void {
    this.#timer = this.#clock.timer(MOST_MS, () => this.#x.cancel(failures["total.timeout"]));
  }

  respond(x: Exchange): void {
    if (x.failure === undefined) x.responseBody.pipe(this);
  }

  finish(): void {
    this.#timer?.[Symbol.dispose]();
    this.#ended();
  }

  chunk(bytes: Uint8Array): boolean {
    const before = this.#size;
    this.#size += bytes.length;
    // Whoever delivers must not find it gone meanwhile.
    const isTooLarge = before <= MOST_BYTES && this.#size > MOST_BYTES;
    if (isTooLarge) queueMicrotask(() => this.#x.cancel(failures["downstream.gone"]));
    return true;
  }

  end(): void {
    // `finish` follows.
  }

  fail(): void {
    // `finish` follows.
  }

  flush(): void {
    // Nothing is gathered.
  }
}
