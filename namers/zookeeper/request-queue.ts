/** Requests that wait for a connection, or for room on it: bounded in number, bytes and time. */
import type { Clock } from "linkspan/plugin";
import type { Answer } from "./connection.ts";
import { ZkError } from "./zk-error.ts";

export interface Request {
  readonly op: number;
  readonly body: Buffer;
  readonly answer: Answer;
}

interface Waiting {
  readonly request: Request;
  readonly since: number;
}

const MAX_REQUESTS = 10_000;
const MAX_BYTES = 64 * 1024 * 1024;

/** First in, first out. */
export class RequestQueue {
  readonly #clock: Clock;
  readonly #patienceMs: number;
  #waiting: Waiting[] = [];
  /** Where the queue begins in `#waiting`; what is before it was taken. */
  #head = 0;
  #bytes = 0;
  #timer: Disposable | undefined;

  constructor(clock: Clock, patienceMs: number) {
    this.#clock = clock;
    this.#patienceMs = patienceMs;
  }

  get length(): number {
    return this.#waiting.length - this.#head;
  }

  /** Throws `QUEUE_FULL`. `elsewhere`: how many more count against the limit. */
  push(request: Request, elsewhere: number): void {
    if (this.length + elsewhere >= MAX_REQUESTS || this.#bytes + request.body.length > MAX_BYTES)
      throw new ZkError("QUEUE_FULL", `${this.length + elsewhere} operations wait already`);
    this.#bytes += request.body.length;
    this.#waiting.push({ request, since: this.#clock.now() });
  }

  shift(): Request | undefined {
    const first = this.#waiting[this.#head];
    if (!first) return undefined;
    this.#head++;
    this.#bytes -= first.request.body.length;
    // Moved together from time to time, so that a queue that never runs empty does not grow.
    if (this.#head * 2 > this.#waiting.length) {
      this.#waiting = this.#waiting.slice(this.#head);
      this.#head = 0;
    }
    return first.request;
  }

  /** Gives up every request. */
  fail(cause: Error): void {
    this.rest();
    for (let next = this.shift(); next; next = this.shift()) next.answer.lost(cause);
  }

  /** From now on a request that has waited too long is given up with what `cause` returns. */
  watch(cause: () => Error): void {
    const first = this.#waiting[this.#head];
    if (this.#timer || !first) return;
    const left = Math.max(1, first.since + this.#patienceMs - this.#clock.now());
    this.#timer = this.#clock.timer(left, () => {
      this.#timer = undefined;
      this.#giveUpOld(cause());
      this.watch(cause);
    });
  }

  /** Ends `watch`. */
  rest(): void {
    this.#timer?.[Symbol.dispose]();
    this.#timer = undefined;
  }

  #giveUpOld(cause: Error): void {
    const limit = this.#clock.now() - this.#patienceMs;
    const old: Request[] = [];
    for (let first = this.#waiting[this.#head]; first && first.since <= limit; first = this.#waiting[this.#head]) {
      this.shift();
      old.push(first.request);
    }
    for (const request of old) request.answer.lost(cause);
  }
}
