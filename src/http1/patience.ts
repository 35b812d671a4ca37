/** How long a caller is waited for: each wait has its limit, and where bytes are to move, they must do so at a least rate. */
import type { Socket } from "node:net";
import type { DownstreamState } from "./downstream-state.ts";
import { Pace } from "./pace.ts";
import type { Http1Settings } from "./settings.ts";

/** What a connection has to do with its caller at this moment. */
export interface Awaiting {
  /** Bytes of a body that is being taken, or of the caller's taking an answer. */
  readonly awaitsBytes: boolean;
  /** The caller has closed its half. */
  readonly isHalfClosed: boolean;
}

/** One a connection. `now` is monotonic ms. */
export class Patience {
  #deadline: number;
  readonly #pace = new Pace();
  readonly #socket: Socket;
  readonly #settings: Http1Settings;

  constructor(socket: Socket, settings: Http1Settings, now: number) {
    this.#socket = socket;
    this.#settings = settings;
    this.#deadline = now + settings.idleTimeoutMs;
  }

  /** Begins a wait of `ms`, or of as long as bytes move. */
  start(now: number, ms = 0): void {
    this.#deadline = now + ms;
    this.#pace.restart(now, this.#moved);
  }

  /** Begins a wait for nothing of the caller's, until it does not take its answer: from the next tick on it is measured. */
  startLater(): void {
    this.#pace.restartLater();
  }

  /** Begins the wait for the rest of a head. */
  awaitHead(now: number): void {
    this.#deadline = now + this.#settings.headTimeoutMs;
  }

  /** Begins the wait for a request, which is short where no other will be taken. */
  awaitRequest(now: number, isLast: boolean): void {
    const { idleTimeoutMs, lastCallMs } = this.#settings;
    this.#deadline = now + (isLast ? lastCallMs : idleTimeoutMs);
  }

  /** Whether a connection in `state` has waited long enough. */
  isOver(state: DownstreamState, now: number, awaiting: Awaiting): boolean {
    if (state === "busy") return this.#isExchangeOver(now, awaiting);
    if (state === "tunnel") return this.#isTooSlow(now, this.#settings.tunnelTimeoutMs, 1);
    return state === "closing" ? this.#isClosingOver(now) : now >= this.#deadline;
  }

  /** Nobody is waited for without end: not for a body, nor for a caller to take its answer. */
  #isExchangeOver(now: number, { awaitsBytes, isHalfClosed }: Awaiting): boolean {
    if (isHalfClosed) return this.#isTooSlow(now, this.#settings.halfCloseMs, 1);
    if (awaitsBytes) return this.#isBodyTooSlow(now);
    this.start(now);
    return false;
  }

  /** What was said last must arrive before the connection may go, and then be read. */
  #isClosingOver(now: number): boolean {
    if (this.#socket.writableLength === 0) return now >= this.#deadline;
    this.#deadline = now + this.#settings.lingerMs;
    return this.#isBodyTooSlow(now);
  }

  #isBodyTooSlow(now: number): boolean {
    return this.#isTooSlow(now, this.#settings.bodyTimeoutMs, this.#settings.bodyBytes);
  }

  #isTooSlow(now: number, ms: number, bytes: number): boolean {
    return this.#pace.isTooSlow(now, this.#moved, ms, bytes);
  }

  /** Bytes that have moved on the connection, in either direction. */
  get #moved(): number {
    return this.#socket.bytesRead + this.#socket.bytesWritten - this.#socket.writableLength;
  }
}
